import type { Flag, Reference, Task } from 'fhir/r4.js';
import type { SafetyItem } from '../../domain/protocol.ts';
import type { SafetySign } from '../../domain/safety.ts';
import type { SignKey } from '../../domain/safety-identity.ts';
import type { Verdict } from '../../domain/safety-sign.ts';
import type { SafetyRecord } from './load-people.ts';
import type { Case } from './safety-case.ts';

/** One item of one response, with what stands on the server about it. */
export interface Judged {
  readonly it: Case;
  readonly item: SafetyItem;
  readonly sign: SafetySign | undefined;
  readonly key: SignKey;
  readonly record: SafetyRecord;
  readonly verdict: Verdict;
  readonly flags: ReadonlyMap<string, Flag>;
  readonly tasks: readonly Task[];
  /** Responses that hold the very same answer and raise nothing of their own. */
  readonly also?: readonly Reference[];
}
