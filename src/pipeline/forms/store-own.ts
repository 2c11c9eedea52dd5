import type { QuestionnaireResponse } from 'fhir/r4.js';
import { terminologyOf } from '../../content/answer-options.ts';
import { ValidatorCache } from '../../content/response-validator.ts';
import { membershipOf } from '../../domain/membership.ts';
import type { Issue } from '../../domain/outcome.ts';
import { FhirError } from '../../fhir/port.ts';
import { mayAnswer, mayTreat } from '../caller.ts';
import { loadPatients } from '../load-records.ts';
import type { IntakeOptions, Processed } from '../process-response.ts';
import { standingUnder, storing } from '../store-response.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';

const MOST = 50;
const validators = new ValidatorCache(MOST);
const ATTEMPTS = 3;

const wrong = (code: Issue['code'], reason: string, diagnostics: string): Issue => ({
  severity: 'error',
  code,
  reason,
  diagnostics,
});

/**
 * Stores a response to a hospital’s own form, which no instrument of Vincle’s reads: checked by its Questionnaire, for
 * somebody of the programme, by whoever is asked. Nothing is scored. @throws FhirError: then nothing was kept
 */
export async function storeOwn(
  ports: FormsPorts,
  { questionnaire, resources }: OpenedForm,
  response: QuestionnaireResponse,
  { caller, now, over }: IntakeOptions,
): Promise<Processed> {
  const { server, context } = ports;
  const { settings } = context;
  const issues = validators.validatorOf({
    questionnaire,
    terminology: terminologyOf([...(questionnaire.contained ?? []), ...resources]),
    systemOptional: true,
  })(response);
  const isRefused = issues.some((it) => it.severity === 'error' && it.reason !== 'required-missing');
  if (isRefused) return { kind: 'invalid', issues };
  const { records, roles } = await loadPatients(server, [response.subject?.reference ?? ''], context);
  const [record] = records;
  if (record?.patient === undefined || !membershipOf(record, settings).inScope)
    return { kind: 'outside', issues: [wrong('forbidden', 'outside', 'Nobody of the programme is named.')] };
  const denied =
    mayAnswer(caller, response, undefined, roles, settings.baseUrl) ?? mayTreat(caller, record, roles, settings, now());
  if (denied !== undefined) return { kind: 'forbidden', issues: [denied] };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const standing = await standingUnder(server, response);
    const how = storing(response, standing, (await server.capabilities()).clientIds, settings.baseUrl);
    if (how.kind === 'refused') return { kind: 'duplicate', issues: how.issues };
    if (how.kind === 'stands')
      return { kind: 'stored', created: false, response: how.response, fate: undefined, issues };
    if (over !== undefined && standing[0]?.meta?.versionId !== over.version)
      return {
        kind: 'duplicate',
        issues: [wrong('conflict', 'draft-conflict', 'It was answered elsewhere meanwhile.')],
      };
    try {
      const { id, versionId, status } = await server.write(how.write);
      const named = id ?? ('resource' in how.write ? how.write.resource.id : undefined);
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
  return { kind: 'busy', issues: [wrong('conflict', 'busy', 'It is being taken in: try again in a moment.')] };
}
