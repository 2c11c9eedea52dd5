import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { type Issue, operationOutcome } from '../../domain/outcome.ts';
import type { Caller } from '../../pipeline/caller.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import type { Now } from '../../pipeline/compute-now.ts';
import { type Processed, processResponse } from '../../pipeline/process-response.ts';
import { readResponse } from '../../pipeline/read-response.ts';
import { adviceOn } from '../../pipeline/safety/advice.ts';
import { FHIR_JSON, refusalOf, sendIssues } from '../answer-errors.ts';
import type { Metrics } from '../metrics.ts';
import { Refusal } from '../refusal.ts';

export interface CreateResponseOptions {
  readonly now: Now;
  readonly metrics: Metrics;
  readonly onStored: (id: string | undefined, versionId: string | undefined) => void;
}

const STATUS: Record<Exclude<Processed['kind'], 'stored' | 'kept'>, number> = {
  invalid: 422,
  forbidden: 403,
  outside: 403,
  duplicate: 409,
  busy: 503,
};

/** `POST /fhir/QuestionnaireResponse` for a caller who is known. @see https://hl7.org/fhir/R4/http.html#create */
export async function createResponse(
  ports: AlliancePorts,
  caller: Caller,
  request: Request,
  response: Response,
  { now, metrics, onStored }: CreateResponseOptions,
): Promise<void> {
  const read = readResponse(request.body);
  const advice = 'resourceType' in read ? await adviceOn(ports, read, now.now()) : [];
  const processed = await processResponse(ports, request.body, { ...now, caller, newId: randomUUID }).catch(
    (error: unknown) => {
      // Whatever failed here, the patient must not miss where to turn to.
      throw advice.length === 0 ? error : withAdvice(error, advice);
    },
  );
  metrics.response(
    processed.kind === 'stored' ? (processed.fate ?? 'later') : processed.kind,
    processed.issues.map((it) => it.reason),
  );
  if (processed.kind === 'kept') return sendIssues(response, 202, [...advice, KEPT, ...processed.issues]);
  if (processed.kind !== 'stored')
    throw new Refusal(STATUS[processed.kind], [...advice, ...processed.issues], retryOf(processed.kind));
  const { id, meta } = processed.response;
  onStored(processed.fate === undefined ? undefined : id, meta?.versionId);
  sendStored(request, response, processed, ports.server.baseUrl, advice);
}

const withAdvice = (error: unknown, advice: readonly Issue[]): Refusal => {
  const { status, issues, headers } = refusalOf(error);
  return new Refusal(status, [...advice, ...issues], headers);
};

const retryOf = (kind: Processed['kind']): Record<string, string> => (kind === 'busy' ? { 'Retry-After': '2' } : {});

const KEPT: Issue = {
  severity: 'information',
  code: 'informational',
  reason: 'kept',
  diagnostics: 'The hospital’s server cannot take the response now. It is kept, encrypted, and will be delivered.',
};

const SAID: Partial<Record<string, string>> = {
  scored: 'Stored and scored.',
  unscorable: 'Stored. Too little was answered for a score.',
  unfinished: 'Stored. It is scored once it is completed.',
  refused: 'Stored, not scored: a person is asked to look at it.',
  duplicate: 'Stored. Another copy of the same response counts.',
  withdrawn: 'Stored as withdrawn.',
};

function sendStored(
  request: Request,
  response: Response,
  { created, response: stored, fate, issues }: Extract<Processed, { kind: 'stored' }>,
  baseUrl: string,
  advice: readonly Issue[],
): void {
  const { id, meta } = stored;
  response.status(created ? 201 : 200);
  if (id !== undefined) {
    const history = meta?.versionId === undefined ? '' : `/_history/${meta.versionId}`;
    response.set('Location', `${baseUrl}/QuestionnaireResponse/${id}${history}`);
  }
  if (meta?.versionId !== undefined) response.set('ETag', `W/"${meta.versionId}"`);
  const prefer = request.get('prefer') ?? '';
  if (prefer.includes('return=minimal') && advice.length === 0) return void response.end();
  const note: Issue = {
    severity: 'information',
    code: 'informational',
    reason: fate ?? 'later',
    diagnostics: SAID[fate ?? ''] ?? 'Stored. It is scored by the next run.',
  };
  const body =
    prefer.includes('return=representation') && advice.length === 0
      ? stored
      : operationOutcome([...advice, note, ...issues]);
  response.type(FHIR_JSON).send(JSON.stringify(body));
}
