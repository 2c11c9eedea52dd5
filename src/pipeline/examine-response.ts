import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from 'fhir/r4.js';
import type { Content } from '../content/port.ts';
import type { PractitionerOfRole } from '../domain/care.ts';
import type { Instrument } from '../domain/instrument.ts';
import { membershipOf } from '../domain/membership.ts';
import type { Issue } from '../domain/outcome.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import { byIds } from '../domain/queries.ts';
import { idOf, literal, typeOf } from '../domain/reference.ts';
import { ask, resourcesOf } from './by-subject.ts';
import { type Caller, mayAnswer, mayTreat } from './caller.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { FormLibrary } from './form-library.ts';
import { loadPatients, loadPractitioners } from './load-records.ts';
import { rateResponse } from './rate-response.ts';
import type { Forms } from './read-ratings.ts';
import { type Storing, standingUnder, storing } from './store-response.ts';

/** What intake finds when it looks at a response with the hospital's server at hand. */
export type Examined =
  /** To be stored; `issues` are what a person is told, errors among them where it is kept although it is refused. */
  | {
      readonly kind: 'welcome';
      readonly storing: Exclude<Storing, { kind: 'refused' }>;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'invalid' | 'forbidden' | 'outside' | 'duplicate'; readonly issues: readonly Issue[] };

const issue = (code: Issue['code'], reason: string, diagnostics: string, place: string): Issue => ({
  severity: 'error',
  code,
  reason,
  diagnostics,
  expression: `QuestionnaireResponse.${place}`,
});

/** Why a response to such a form is not taken, before anybody is asked; `undefined` for a form that can be read or fetched. */
export function unknownForm(resolved: ReturnType<Forms>): Issue | undefined {
  if (resolved.kind === 'ignored')
    return issue('not-found', 'unknown-questionnaire', 'Vincle does not know this questionnaire.', 'questionnaire');
  if (resolved.kind === 'unknown-version')
    return issue(
      'not-supported',
      'unknown-version',
      'This version of the questionnaire is not known here.',
      'questionnaire',
    );
  if (resolved.kind === 'needs-questionnaire')
    return issue(
      'not-found',
      'questionnaire-not-found',
      'The server does not hold this questionnaire.',
      'questionnaire',
    );
  return resolved.kind === 'unreadable' ? resolved.issues[0] : undefined;
}

const DRAFT_CONFLICT = issue(
  'conflict',
  'draft-conflict',
  'It was answered on another device meanwhile: read it again.',
  'meta.versionId',
);

/** The instrument whose item 9 asks for thoughts of death: what is answered there is never turned away. */
const SUICIDALITY = '44260-8';

/** True of an instrument with an item on suicidality: its responses are stored even where they cannot be scored. */
export function asksForSafety(instrument: Instrument | undefined, content: Content): boolean {
  const own = content.resources.find(
    (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.url === instrument?.url,
  );
  const asks = (items: readonly QuestionnaireItem[] | undefined): boolean =>
    (items ?? []).some((it) => it.code?.some((code) => code.code === SUICIDALITY) || asks(it.item));
  return asks(own?.item);
}

/**
 * Everything that decides whether and how a response is stored: its programme, its caller, its form, what stands there.
 * @throws FhirError where the server cannot be asked
 */
export async function examineResponse(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  caller: Caller,
  nowMs: number,
  over?: { readonly version: string | undefined },
): Promise<Examined> {
  const { server, context } = ports;
  const { settings, content } = context;
  const forms = new FormLibrary(server, content);
  await forms.learn([response]);
  const resolved = forms.resolve(response.questionnaire);
  const instrument = 'instrument' in resolved ? resolved.instrument : undefined;
  const found = await recordOf(ports, response, caller);
  if (found === undefined)
    return { kind: 'outside', issues: [issue('forbidden', 'outside', 'Nobody of the programme is named.', 'subject')] };
  const { record, roles } = found;
  const denied =
    mayAnswer(caller, response, instrument, roles, settings.baseUrl) ??
    mayTreat(caller, record, roles, settings, nowMs);
  if (denied !== undefined) return { kind: 'forbidden', issues: [denied] };
  const findings = findingsOf(response, resolved, record, roles, ports);
  const errors = findings.filter((it) => it.severity === 'error');
  if (errors.length > 0 && !asksForSafety(instrument, content))
    return { kind: errors.some((it) => it.reason === 'no-consent') ? 'forbidden' : 'invalid', issues: findings };
  const { clientIds } = await server.capabilities();
  const standing = await standingUnder(server, response);
  const how = storing(response, standing, clientIds, settings.baseUrl);
  const [present] = standing;
  const isOver = over === undefined || how.kind !== 'write' || present?.meta?.versionId === over.version;
  if (!isOver) return { kind: 'duplicate', issues: [DRAFT_CONFLICT] };
  return how.kind === 'refused'
    ? { kind: 'duplicate', issues: how.issues }
    : { kind: 'welcome', storing: how, issues: findings };
}

/** The record of whom the response is about, where that is somebody of the programme. */
async function recordOf(
  { server, context }: AlliancePorts,
  response: QuestionnaireResponse,
  caller: Caller,
): Promise<{ record: PatientRecord; roles: PractitionerOfRole } | undefined> {
  const { settings } = context;
  const subject = literal(response.subject, settings.baseUrl);
  if (subject === undefined) return undefined;
  const load =
    typeOf(subject) === 'Patient' ? loadPatients : typeOf(subject) === 'Practitioner' ? loadPractitioners : undefined;
  if (load === undefined) return undefined;
  const loaded = await load(server, [subject], context);
  const [record] = loaded.records;
  if (record === undefined) return undefined;
  const inScope =
    load === loadPatients
      ? record.patient !== undefined && membershipOf(record, settings).inScope
      : record.caresForProgramme;
  if (!inScope) return undefined;
  const named = [response.source, response.author].map((it) => literal(it, settings.baseUrl));
  if (caller.kind === 'practitioner') named.push(caller.practitioner);
  const missing = named.filter(
    (it): it is string => it?.startsWith('PractitionerRole/') === true && !loaded.roles.has(it),
  );
  const [page] = await ask(server, missing.length === 0 ? [] : [byIds('PractitionerRole', missing.map(idOf))]);
  const roles = new Map(loaded.roles);
  for (const role of resourcesOf(page, 'PractitionerRole')) {
    const person = literal(role.practitioner, settings.baseUrl);
    if (person !== undefined) roles.set(`PractitionerRole/${role.id}`, person);
  }
  return { record, roles };
}

function findingsOf(
  response: QuestionnaireResponse,
  resolved: ReturnType<Forms>,
  record: PatientRecord,
  roles: PractitionerOfRole,
  { context }: AlliancePorts,
): readonly Issue[] {
  if (resolved.kind !== 'known') return [unknownForm(resolved)].filter((it) => it !== undefined);
  const { form } = resolved;
  if (response.status === 'entered-in-error') return [];
  if (response.status !== 'completed' && response.status !== 'amended') return form.validate(response);
  const rated = rateResponse({ response, form, record, context, surroundings: { roles, contested: new Set() } });
  if (rated.kind === 'rating') return rated.warnings;
  if (rated.kind === 'refused') return rated.issues;
  return [issue('forbidden', 'no-consent', 'The patient has not agreed to digital follow-up.', 'subject')];
}
