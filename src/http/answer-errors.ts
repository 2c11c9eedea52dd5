import type { ErrorRequestHandler, Response } from 'express';
import { type Issue, operationOutcome } from '../domain/outcome.ts';
import { FhirError } from '../fhir/port.ts';
import type { Logger } from '../log.ts';
import { Refusal, type Refusal as RefusalType, refusal } from './refusal.ts';

export const FHIR_JSON = 'application/fhir+json';

/** An OperationOutcome, whatever the client would have liked: nobody can misread it. */
export function sendIssues(
  response: Response,
  status: number,
  issues: readonly Issue[],
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .status(status)
    .set(headers)
    .type(FHIR_JSON)
    .send(JSON.stringify(operationOutcome(issues)));
}

/** The one place where an error becomes an answer. Logs what kind it was, never what it says: parsers quote the body. */
export const answerErrors =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const refused = refusalOf(error);
    if (refused.status >= 500)
      log.error({ route: request.route?.path, kind: nameOf(error), stack: placesOf(error) }, 'request failed');
    return sendIssues(response, refused.status, refused.issues, refused.headers);
  };

/** The refusal that an error is answered with. */
export function refusalOf(error: unknown): RefusalType {
  if (error instanceof Refusal) return error;
  if (error instanceof FhirError)
    return refusal(503, 'transient', 'server-unavailable', 'The hospital’s FHIR server cannot be asked now.', {
      'Retry-After': '30',
    });
  const status = statusOf(error);
  if (status === 413) return refusal(413, 'too-long', 'too-long', 'The body is too large.');
  if (status === 415) return refusal(415, 'not-supported', 'encoding', 'The encoding of the body is not supported.');
  if (status < 500) return refusal(400, 'structure', 'malformed-request', 'The request cannot be read.');
  return refusal(500, 'exception', 'failed', 'Vincle failed to answer.');
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 600 ? status : 500;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Files and lines, without the message that stands above them. */
const placesOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 8)
    : [];
