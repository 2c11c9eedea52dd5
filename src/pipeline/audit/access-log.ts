import type { AuditEvent } from 'fhir/r4.js';
import { type AccessEvent, type AccessPlace, auditEvent } from '../../domain/access-event.ts';
import type { State } from '../../state/port.ts';

/** What its entries in the outbox are called; nothing else is. */
export const ACCESS_LABEL = 'AuditEvent';

/** What a handler says about an access; when, by whom and under which id is added. */
export type Accessed = Omit<AccessEvent, 'id' | 'at'>;

export interface AccessLogParts extends AccessPlace {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * Records who looked at what. An access is durable in the outbox before anything is shown, and goes to the hospital’s
 * server off the person’s path, many at a time (deliver-accesses).
 */
export class AccessLog {
  readonly #parts: AccessLogParts;

  constructor(parts: AccessLogParts) {
    this.#parts = parts;
  }

  /** @throws StateError where it cannot be kept: then nothing is shown */
  async record(accessed: Accessed): Promise<void> {
    const { state, now, newId } = this.#parts;
    const [id, at] = [newId(), new Date(now()).toISOString()];
    const resource: AuditEvent = auditEvent({ ...accessed, id, at }, this.#parts);
    await state.enqueue({
      id,
      // Each alone in its stream: one that the server refuses holds back no other.
      stream: `access/${id}`,
      label: ACCESS_LABEL,
      payload: { write: { method: 'PUT', resource } },
      enqueuedAt: at,
      nextAttemptAt: at,
    });
  }
}
