/** Why somebody is told. The text says no more than this: no name, no answer, no instrument. */
export type NoticeKind =
  /** To a patient or therapist: something waits to be filled in. */
  | 'reminder'
  /** To staff: a safety sign waits. */
  | 'safety-sign'
  /** To staff: a safety sign waits and nobody before has taken it up. */
  | 'safety-escalation'
  /** To staff: a proposed step waits longer than it should. */
  | 'decision-overdue'
  /** To staff: nobody is looking for safety signs at this moment. */
  | 'safety-watch-down'
  /** To the telephone of a patient who opened a personal link: the code, and nothing else. */
  | 'one-time-code';

/** Whom to reach. An e-mail address where the channel is SMTP; the webhook's receiver knows people by reference. */
export interface Recipient {
  /** `Patient/…`, `Practitioner/…`, or `role:<code>` for a site's own list. */
  readonly reference: string;
  readonly email?: string;
  /** As the record has it, for a code alone: the receiver sends it as a short message. */
  readonly phone?: string;
  readonly language: 'en' | 'es' | 'ca';
}

export interface Notice {
  /** The same notice sent twice has the same id; receivers drop the second. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly to: Recipient;
  /** Where to go: an address that needs a login and names nobody. */
  readonly link?: string;
  /** Until when an answer is expected, an instant (UTC). */
  readonly respondBy?: string;
  /** Of a `one-time-code`: its digits. */
  readonly code?: string;
}

/** `refused`: will never arrive (no address, 5xx of the mail server, 4xx of the webhook). `unreachable`: may, later. */
export type Delivery =
  | { readonly kind: 'delivered'; readonly channel: string; readonly at: string }
  | { readonly kind: 'refused' | 'unreachable'; readonly channel: string; readonly reason: string };

/** A way to reach people. `send` never throws for what a channel may answer. */
export interface Notify {
  /** `smtp`, `webhook`; `none` where the site has configured no channel. */
  readonly channel: string;
  send(notice: Notice, signal?: AbortSignal): Promise<Delivery>;
  /** Whether the channel stands there now, without sending anything to anybody. */
  check(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
}
