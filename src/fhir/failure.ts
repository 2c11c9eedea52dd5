import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import { FhirError, type FhirErrorKind } from './port.ts';

/** What is known of one exchange that failed. */
export interface Failure {
  readonly error: FhirError;
  /** Nobody can say that the server has not done what was asked. */
  readonly mayHaveHappened: boolean;
  /** Worth another try, where trying again does no harm. */
  readonly passing: boolean;
  /** The request never left: no connection, or no token to send it with. */
  readonly neverSent: boolean;
  readonly retryAfterMs: number | undefined;
  /** The token was not taken. */
  readonly unauthorized: boolean;
}

interface KitError {
  readonly response: { readonly status: number; readonly data: unknown };
  readonly config: { readonly headers: Headers };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isKitError = (error: unknown): error is KitError => isObject(error) && 'response' in error && 'config' in error;

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
/** The server’s certificate was not taken: nothing was sent, and another try ends the same way. */
const CERTIFICATE = /CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO_/;
/** The answer is larger than Vincle reads, and was broken off. */
const TOO_LARGE = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** What a status means to whoever asked. */
export const kindOf = (status: number): FhirErrorKind => {
  if (status === 404 || status === 410) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'throttled';
  if (status >= 500 || status === 408 || status === 425) return 'unreachable';
  return status < 400 ? 'malformed' : 'rejected';
};

/** Whether the same request may be answered better later. */
export const isPassing = (status: number): boolean => PASSING.has(status);

/** Reads what the client threw. `what` names the exchange without content: a method, a type, an id. */
export function readFailure(thrown: unknown, what: string, now: number): Failure {
  if (isKitError(thrown)) return fromAnswer(thrown, what, now);
  const code = causeCode(thrown);
  const untrusted = CERTIFICATE.test(code);
  const neverSent = untrusted || NEVER_SENT.has(code);
  // The thrown error stays behind: its message may quote an address or a header.
  const tooLarge = code === TOO_LARGE;
  const reason = tooLarge ? 'the answer is larger than FHIR_MAX_ANSWER_MB' : reasonOf(thrown, untrusted, neverSent);
  const message = `${what}: ${reason}${code === '' ? '' : ` (${code})`}`;
  return {
    error: new FhirError(tooLarge ? 'malformed' : 'unreachable', message, { uncertain: !neverSent }),
    mayHaveHappened: !neverSent,
    passing: !untrusted && !tooLarge,
    neverSent,
    retryAfterMs: undefined,
    unauthorized: false,
  };
}

/** No token could be had: the request was not sent. */
export const withoutToken = (error: FhirError): Failure => ({
  error,
  mayHaveHappened: false,
  passing: error.kind === 'unreachable' || error.kind === 'throttled',
  neverSent: true,
  retryAfterMs: undefined,
  unauthorized: false,
});

function reasonOf(thrown: unknown, untrusted: boolean, neverSent: boolean): string {
  const name = isObject(thrown) && 'name' in thrown ? thrown.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time';
  if (untrusted) return 'the server’s certificate is not trusted';
  return neverSent ? 'no connection' : 'the connection broke';
}

function causeCode(thrown: unknown): string {
  for (let error = thrown; isObject(error); error = 'cause' in error ? error.cause : undefined)
    if ('code' in error && typeof error.code === 'string') return error.code;
  return '';
}

function fromAnswer({ response, config }: KitError, what: string, now: number): Failure {
  const { status, data } = response;
  const outcome = outcomeOf(data);
  const unclear = status >= 500 || status < 400;
  const said = status < 400 ? `the answer of status ${status} is not FHIR JSON` : `the server answered ${status}`;
  return {
    error: new FhirError(kindOf(status), `${what}: ${said}${hint(data, outcome)}`, {
      status,
      ...(outcome === undefined ? {} : { outcome }),
      uncertain: unclear,
    }),
    mayHaveHappened: unclear,
    passing: isPassing(status) || status < 400,
    neverSent: false,
    retryAfterMs: retryAfter(config.headers.get('retry-after'), now),
    unauthorized: status === 401,
  };
}

const CODE = /^[a-z][a-z-]{0,40}$/;
/** A path of element names: a FHIRPath with values in it may quote what was sent. */
const ELEMENT_PATH = /^[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*|\[\d+\])*$/;

const issuesOf = (data: unknown): readonly Partial<OperationOutcomeIssue>[] =>
  isObject(data) &&
  'resourceType' in data &&
  data.resourceType === 'OperationOutcome' &&
  'issue' in data &&
  Array.isArray(data.issue)
    ? data.issue.filter(isObject)
    : [];

/** The first code in an OperationOutcome. */
export const issueCode = (data: unknown): string | undefined =>
  issuesOf(data)
    .map(({ code }) => code)
    .find((it) => typeof it === 'string' && CODE.test(it));

/** Severity, code and place of each issue: what a server writes into diagnostics may quote what was sent. */
function outcomeOf(data: unknown): OperationOutcome | undefined {
  const issue = issuesOf(data).map(({ severity, code, expression }): OperationOutcomeIssue => {
    const paths = (Array.isArray(expression) ? expression : []).filter((it) => ELEMENT_PATH.test(String(it)));
    return {
      severity: severity === 'fatal' || severity === 'warning' || severity === 'information' ? severity : 'error',
      code: typeof code === 'string' && CODE.test(code) ? code : 'processing',
      ...(paths.length === 0 ? {} : { expression: paths }),
    };
  });
  return issue.length === 0 ? undefined : { resourceType: 'OperationOutcome', issue };
}

/** Codes alone, with HAPI’s own error number where it gives one. */
function hint(data: unknown, outcome: OperationOutcome | undefined): string {
  const own = /^HAPI-\d{4}\b/.exec(issuesOf(data)[0]?.diagnostics ?? '')?.[0];
  const issue = outcome?.issue[0];
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
