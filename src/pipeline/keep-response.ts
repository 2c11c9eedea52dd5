import type { QuestionnaireResponse } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { FhirError } from '../fhir/port.ts';
import type { OutboxEntry, State } from '../state/port.ts';
import type { Caller } from './caller.ts';
import { blindWrite } from './store-response.ts';

/** Whether the server may take it later: it was not reached, or could not make sense of itself. */
export const isPassing = (error: unknown): boolean =>
  error instanceof FhirError &&
  (error.kind === 'unreachable' ||
    error.kind === 'throttled' ||
    error.kind === 'unauthorized' ||
    error.kind === 'malformed');

/**
 * Whether something in the outbox must come before this response. A finished one never overtakes an earlier one of the
 * same person. A draft is computed by nobody: it waits only where what was handed in under its own identifier does.
 */
export async function waitsBehind(
  { state }: { readonly state: State },
  response: QuestionnaireResponse,
  isDraft: boolean,
): Promise<boolean> {
  const waiting = (await state.listEntries()).filter(
    (it) => it.state === 'waiting' && it.stream === streamOf(response),
  );
  return isDraft ? waiting.some((it) => isOfSame(it, response)) : waiting.length > 0;
}

const streamOf = ({ subject }: QuestionnaireResponse): string => subject?.reference ?? 'nobody';

/** Whether an entry carries the identifier of this response; one that cannot be read might. */
function isOfSame({ payload }: OutboxEntry, { identifier }: QuestionnaireResponse): boolean {
  const write = fieldOf(payload, 'write');
  const resource = fieldOf(write, 'resource');
  if (resource === undefined) return true;
  const kept = fieldOf(resource, 'identifier');
  return fieldOf(kept, 'system') === identifier?.system && fieldOf(kept, 'value') === identifier?.value;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;

export interface Keeping {
  readonly caller: Caller;
  /** What it is, without content. */
  readonly label: string;
  readonly nowMs: number;
  /** Id of the Task that is answered by a form which no instrument reads. */
  readonly ownFormOf?: string;
}

/** Puts a response into the outbox, sealed, behind whatever waits of the same person. The same bytes wait once. */
export async function enqueueResponse(
  { state }: { readonly state: State },
  response: QuestionnaireResponse,
  { caller, label, nowMs, ownFormOf }: Keeping,
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  await state.enqueue({
    id: v5(JSON.stringify(response), v5.URL),
    stream: streamOf(response),
    label,
    payload: { write: blindWrite(response), caller, ...(ownFormOf === undefined ? {} : { ownFormOf }) },
    enqueuedAt: at,
    nextAttemptAt: at,
  });
}

/** The Task that an entry answers by a form which no instrument reads; `undefined` of every other. */
export const ownFormOf = (payload: unknown): string | undefined => {
  const task = fieldOf(payload, 'ownFormOf');
  return typeof task === 'string' ? task : undefined;
};
