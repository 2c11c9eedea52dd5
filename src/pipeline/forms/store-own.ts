import type { QuestionnaireResponse } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { terminologyOf } from '../../content/answer-options.ts';
import { ValidatorCache } from '../../content/response-validator.ts';
import { responseKey } from '../../domain/derived-identity.ts';
import type { Issue } from '../../domain/outcome.ts';
import { FhirError } from '../../fhir/port.ts';
import { mayAnswer } from '../caller.ts';
import { waitedFor } from '../compute-held.ts';
import { examineOwn } from '../examine-own.ts';
import { enqueueResponse, isPassing, waitsBehind } from '../keep-response.ts';
import type { IntakeOptions, Processed } from '../process-response.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';

const MOST = 50;
const validators = new ValidatorCache(MOST);
const ATTEMPTS = 3;

/**
 * Stores a response to a hospital’s own form, which no instrument of Vincle’s reads: checked by its Questionnaire, for
 * somebody of the programme, by whoever is asked. Nothing is scored. What the server cannot take now is kept in the
 * outbox, in order with everything else of the same person; a draft is not. @throws FhirError: then nothing was kept
 */
export async function storeOwn(
  ports: FormsPorts,
  form: OpenedForm,
  response: QuestionnaireResponse,
  options: IntakeOptions,
): Promise<Processed> {
  const { questionnaire, resources } = form;
  const issues = validators.validatorOf({
    questionnaire,
    terminology: terminologyOf([...(questionnaire.contained ?? []), ...resources]),
    systemOptional: true,
  })(response);
  const isRefused = issues.some((it) => it.severity === 'error' && it.reason !== 'required-missing');
  if (isRefused) return { kind: 'invalid', issues };
  const isDraft = options.draft === true;
  const lease = await waitedFor(`intake/${v5(responseKey(response), v5.URL)}`, { ...options, state: ports.state });
  if (lease === undefined) return busy();
  try {
    if (!(await waitsBehind(ports, response, isDraft))) return await store(ports, response, issues, options);
    return isDraft ? busy() : await keep(ports, form, response, issues, options);
  } catch (error) {
    if (isDraft || !isPassing(error)) throw error;
    return keep(ports, form, response, issues, options);
  } finally {
    await lease.release();
  }
}

async function store(
  ports: FormsPorts,
  response: QuestionnaireResponse,
  issues: readonly Issue[],
  { caller, now, over }: IntakeOptions,
): Promise<Processed> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const examined = await examineOwn(ports, response, caller, now(), over);
    if (examined.kind !== 'welcome') return examined;
    const { storing } = examined;
    if (storing.kind === 'stands')
      return { kind: 'stored', created: false, response: storing.response, fate: undefined, issues };
    try {
      const { id, versionId, status } = await ports.server.write(storing.write);
      const named = id ?? ('resource' in storing.write ? storing.write.resource.id : undefined);
      const stored = {
        ...response,
        ...(named === undefined ? {} : { id: named }),
        ...(versionId === undefined ? {} : { meta: { versionId } }),
      };
      return { kind: 'stored', created: status === 201, response: stored, fate: undefined, issues };
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
    }
  }
  return busy();
}

/** Into the outbox; whether the patient is of the programme is asked again before it is delivered. */
async function keep(
  ports: FormsPorts,
  { taskId }: OpenedForm,
  response: QuestionnaireResponse,
  issues: readonly Issue[],
  { caller, now }: IntakeOptions,
): Promise<Processed> {
  const denied = mayAnswer(caller, response, undefined, new Map(), ports.context.settings.baseUrl);
  if (denied !== undefined) return { kind: 'forbidden', issues: [denied] };
  const label = 'QuestionnaireResponse to a form of the hospital’s own';
  await enqueueResponse(ports, response, { caller, label, nowMs: now(), ownFormOf: taskId });
  return { kind: 'kept', identifier: response.identifier, issues };
}

const busy = (): Processed => ({
  kind: 'busy',
  issues: [
    {
      severity: 'error',
      code: 'conflict',
      reason: 'busy',
      diagnostics: 'It is being taken in: try again in a moment.',
    },
  ],
});
