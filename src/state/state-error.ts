/** Why the state cannot be used, as a stable word. */
export type StateErrorCode =
  /** `STATE_URL` names neither SQLite nor PostgreSQL. */
  | 'url'
  /** A later version of Vincle has been at work on this state. */
  | 'newer-schema'
  /** The keys file is missing, readable by others, or not what it must be. */
  | 'keys-file'
  /** Something in the outbox was sealed with a key that is not in the keys file. */
  | 'wrong-key';

/** A failure that an operator can repair; the message says how. Carries no payload and no key. */
export class StateError extends Error {
  readonly code: StateErrorCode;
  constructor(code: StateErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StateError';
    this.code = code;
  }
}
