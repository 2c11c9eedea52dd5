import type { OperationOutcome } from 'fhir/r4.js';
import { FhirError, type FhirErrorKind } from './port.ts';

/** What is known of one exchange that failed. */
export interface Failure {
  readonly error: FhirError;
  /** Nobody can say that the server has not done what was asked. */
  readonly mayHaveHappened: boolean;
  /** Worth another try, where trying again does no harm. */
  readonly passing: boolean;
  readonly retryAfterMs: number | undefined;
  /** The token was not taken. */
  readonly unauthorized: boolean;
}

interface KitError {
  readonly response: { readonly status: number; readonly data: unknown };
  readonly config: { readonly headers: Headers };
}

const isKitError = (error: unknown): error is KitError =>
  error instanceof Error && 'response' in error && 'config' in error;

const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** The connection was never made. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const kindOf = (status: number): FhirErrorKind => {
  if (status === 404 || status === 410) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'throttled';
  if (status >= 500 || status === 408 || status === 425) return 'unreachable';
  return status < 400 ? 'malformed' : 'rejected';
};

/** Reads what the client threw. `what` names the exchange without content: a method, a type, an id. */
export function readFailure(thrown: unknown, what: string, now: number): Failure {
  if (isKitError(thrown)) return fromAnswer(thrown, what, now);
  const code = causeCode(thrown);
  const neverSent = NEVER_SENT.has(code);
  const timedOut = thrown instanceof Error && (thrown.name === 'TimeoutError' || thrown.name === 'AbortError');
  const why = timedOut ? 'no answer in time' : neverSent ? 'no connection' : 'the connection broke';
  const message = `${what}: ${why}${code === '' ? '' : ` (${code})`}`;
  return {
    error: new FhirError('unreachable', message, { uncertain: !neverSent, cause: thrown }),
    mayHaveHappened: !neverSent,
    passing: true,
    retryAfterMs: undefined,
    unauthorized: false,
  };
}

function causeCode(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if ('code' in error && typeof error.code === 'string') return error.code;
  return '';
}

function fromAnswer({ response, config }: KitError, what: string, now: number): Failure {
  const { status, data } = response;
  const outcome = outcomeOf(data);
  const kind =
    status >= 400 && outcome === undefined && typeof data === 'string' && kindOf(status) === 'rejected'
      ? 'rejected'
      : kindOf(status);
  const message = `${what}: ${status < 400 ? `the answer of status ${status} is not FHIR JSON` : `the server answered ${status}${hint(outcome)}`}`;
  return {
    error: new FhirError(kind, message, {
      status,
      ...(outcome === undefined ? {} : { outcome }),
      uncertain: status >= 500 || status < 400,
    }),
    mayHaveHappened: status >= 500 || status < 400,
    passing: PASSING.has(status) || status < 400,
    retryAfterMs: retryAfter(config.headers.get('retry-after'), now),
    unauthorized: status === 401,
  };
}

function outcomeOf(data: unknown): OperationOutcome | undefined {
  return typeof data === 'object' &&
    data !== null &&
    'resourceType' in data &&
    data.resourceType === 'OperationOutcome' &&
    'issue' in data &&
    Array.isArray(data.issue)
    ? (data as OperationOutcome)
    : undefined;
}

/** Codes alone: what a server writes into diagnostics may quote what was sent. */
function hint(outcome: OperationOutcome | undefined): string {
  const issue = outcome?.issue[0];
  const own = /\b[A-Z]{2,8}-\d{2,6}\b/.exec(issue?.diagnostics ?? '')?.[0];
  const parts = [issue?.code, own, issue?.expression?.[0]].filter((it) => it !== undefined);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** Seconds, or an HTTP date. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
