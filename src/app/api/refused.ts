/** Why an answer did not come. `offline`: no network; `late`: no answer in time; `status`: Vincle said no. */
export type RefusalKind = 'offline' | 'late' | 'status' | 'unreadable';

/** A request that was not answered with what was asked for. Carries no patient data: reasons and codes alone. */
export class Refused extends Error {
  readonly kind: RefusalKind;
  /** HTTP status; 0 where none came. */
  readonly status: number;
  /** The stable word of the OperationOutcome's first issue (`details.text`), e.g. `session-expired`. */
  readonly reason: string;
  /** What Vincle says about it, in English; absent where it said nothing. */
  readonly diagnostics: string | undefined;
  /** Seconds to wait before another try, where Vincle named them. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: RefusalKind,
    status: number,
    reason: string,
    more: { readonly diagnostics?: string | undefined; readonly retryAfter?: number | undefined } = {},
  ) {
    super(reason);
    this.name = 'Refused';
    this.kind = kind;
    this.status = status;
    this.reason = reason;
    this.diagnostics = more.diagnostics;
    this.retryAfter = more.retryAfter;
  }

  /** Whether the same request may be sent again without a person's word: nothing was decided yet. */
  get isPassing(): boolean {
    return this.kind === 'offline' || this.kind === 'late' || [429, 502, 503, 504].includes(this.status);
  }
}

const member = (it: unknown, name: string): unknown =>
  typeof it === 'object' && it !== null ? Object.getOwnPropertyDescriptor(it, name)?.value : undefined;
const text = (it: unknown): string | undefined => (typeof it === 'string' && it !== '' ? it : undefined);

/** A refusal read from an answer's status and body, which may be anything. */
export function refusedFrom(status: number, body: unknown, retryAfter: string | null): Refused {
  const issues = member(body, 'issue');
  const first: unknown = Array.isArray(issues) ? issues[0] : undefined;
  const seconds = Number(retryAfter ?? Number.NaN);
  return new Refused('status', status, text(member(member(first, 'details'), 'text')) ?? `status-${status}`, {
    diagnostics: text(member(first, 'diagnostics')),
    retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
  });
}
