import type { SafetyPolicy } from '../../domain/protocol.ts';
import type { SafetyContacts } from '../../domain/safety-contacts.ts';
import type { CrisisText } from '../../domain/safety-offer.ts';
import type { Notify } from '../../notify/port.ts';

/** What the safety path works with beside the server, the state and the content. */
export interface SafetyPath {
  readonly policy: SafetyPolicy;
  readonly notify: Notify;
  readonly contacts: SafetyContacts;
  readonly crisis: CrisisText | undefined;
  /** Answers from before this instant are listed, never raised (`SAFETY_FROM`). */
  readonly fromMs: number | undefined;
  /** Seconds between two polls. */
  readonly pollSeconds: number;
  /** The longest time between a resource’s `lastUpdated` and the moment a search shows it, in seconds. */
  readonly serverLagSeconds: number;
  /** How long a channel may say nothing about one person while there is another to tell, milliseconds. */
  readonly silenceMs?: number;
  /** Where a sign waits: an address that needs a login and names nobody. */
  readonly link?: string;
}
