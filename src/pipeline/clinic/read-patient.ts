import type { ActivityDefinition, FhirResource, PractitionerRole } from 'fhir/r4.js';
import { wordsOf } from '../../content/words.ts';
import { reachesEverybody, rightsOf } from '../../domain/access.ts';
import { treating } from '../../domain/care.ts';
import { localDate } from '../../domain/instant.ts';
import { membershipOf } from '../../domain/membership.ts';
import { halfWidth, takesPart } from '../../domain/overview-alliance.ts';
import { exposedRatings } from '../../domain/page/alliance-page.ts';
import { named, type PageInput } from '../../domain/page/page-input.ts';
import { patientPage } from '../../domain/page/patient-page.ts';
import { isPaused } from '../../domain/plan-pause.ts';
import type { Words } from '../../domain/protocol.ts';
import { escaped, type Query } from '../../domain/queries.ts';
import { ROLE } from '../../domain/step-record.ts';
import type { PatientRights, PatientView } from '../../domain/view/patient-view.ts';
import type { ResourceType } from '../../fhir/port.ts';
import type { PipelineContext } from '../context.ts';
import { lookAtPatient, type OverviewPorts, type WholeLook } from '../patient-overview.ts';
import { nameOf } from '../person-of-launch.ts';
import type { Reader } from './reader.ts';
import { formTitles, sayIn } from './say.ts';

const CONTACTS = 500;
const TREATS = 'psycho-oncologist';

/**
 * The page of one patient, from one batch asked with the reader’s own token (one more for each link to a merged record);
 * with the ratings that it exposes to a rater; `undefined` for somebody whom the programme does not know, or who is in nobody’s care that reads it.
 * @throws FhirError where the server is not reached
 */
export async function readPatientPage(
  ports: OverviewPorts,
  reader: Reader,
  patient: string,
  nowMs: number,
): Promise<{ readonly view: PatientView; readonly exposes: readonly string[] } | undefined> {
  const look = await lookAtPatient(ports, { patient, viewer: reader.practitioner }, nowMs, contactsOf);
  if (look === undefined || !look.overview.inScope || !reaches(look, reader, ports.context)) return undefined;
  const input = pageInputOf(look, ports.context);
  const view = patientPage(input, {
    consent: ports.context.content.consent,
    rights: patientRights(look, reader, ports.context),
    name: nameOf(look.input.record.patient?.name) ?? '',
    activity: activityTitles(ports.context.content.resources),
    safetyOutcomes: ports.context.content.protocol.safety.outcomes,
    inStudy: look.input.record.researchSubjects.some(takesPart),
  });
  const colleagues = colleaguesOf(look.resources, reader.practitioner).map((reference) => named(reference, input));
  const known = colleagues.flatMap((it) => it ?? []);
  return { view: view.rights.handover ? { ...view, colleagues: known } : view, exposes: exposedRatings(input) };
}

const contactsOf = (patients: readonly string[]): readonly Query<ResourceType>[] => {
  const subject = ['subject', patients.map(escaped).join(',')] as const;
  const most = ['_count', String(CONTACTS)] as const;
  return [
    { type: 'Communication', params: [subject, ['status', 'completed'], most] },
    { type: 'Flag', params: [['patient', subject[1]], most] },
    { type: 'Encounter', params: [subject, ['status', 'finished'], most] },
    {
      type: 'PractitionerRole',
      params: [
        ['role', `${ROLE}|${TREATS}`],
        ['_include', 'PractitionerRole:practitioner'],
        ['_count', '200'],
      ],
    },
  ];
};

/** Who else treats here, as the roles say. */
function colleaguesOf(resources: readonly FhirResource[], own: string): readonly string[] {
  const roles = resources.filter((it): it is PractitionerRole => it.resourceType === 'PractitionerRole');
  const treating = roles.filter(
    (it) =>
      it.active !== false && it.code?.some((one) => one.coding?.some((c) => c.system === ROLE && c.code === TREATS)),
  );
  const people = treating
    .flatMap((it) => it.practitioner?.reference ?? [])
    .filter((it) => it.startsWith('Practitioner/'));
  return [...new Set(people)].filter((it) => it !== own).sort();
}

/** In the reader’s care today, or of everybody whom the reader’s role reaches. */
export function reaches({ input }: WholeLook, { practitioner, roles }: Reader, { content, settings }: PipelineContext) {
  if (!rightsOf(content.access, roles).has('worklist')) return false;
  if (reachesEverybody(content.access, roles)) return true;
  const today = localDate(input.moment.nowMs, settings.timeZone);
  return treating(input.record, today, input.record.roles, settings).includes(practitioner);
}

/** Everything a page shows is derived from this. */
export function pageInputOf({ input, overview, release, resources }: WholeLook, context: PipelineContext): PageInput {
  const { content, settings } = context;
  const words = wordsOf(content.resources);
  const language = input.record.patient?.communication?.[0]?.language.coding?.[0]?.code;
  return {
    look: input,
    overview,
    release,
    resources,
    visits: content.visits,
    inclusion: membershipOf(input.record, settings).inclusion,
    errorOf: (measure, spoken) => {
      const parameters = content.reliableChange(measure, spoken ?? language);
      return parameters === undefined ? undefined : halfWidth(parameters);
    },
    formTitle: formTitles(content.resources),
    say: (system, code) => sayIn(words, system, code),
    nameOf: overview.nameOf,
  };
}

/** What the activities of the levels are called. */
export function activityTitles(resources: readonly FhirResource[]): (canonical: string) => Words {
  const all = resources.filter((it): it is ActivityDefinition => it.resourceType === 'ActivityDefinition');
  return (canonical) => {
    const it = all.find((one) => canonical === one.url || canonical === `${one.url}|${one.version}`);
    const en = it?.title ?? it?.name ?? canonical;
    const translated = (code: string): string =>
      it?._title?.extension
        ?.find((one) => one.extension?.some((part) => (part.valueCode ?? part.valueString) === code))
        ?.extension?.find((part) => part.url === 'content')?.valueString ?? en;
    return { en, es: translated('es'), ca: translated('ca') };
  };
}

function patientRights(
  { overview, input, resources }: WholeLook,
  reader: Reader,
  { content }: PipelineContext,
): PatientRights {
  const rights = rightsOf(content.access, reader.roles);
  const { mayWrite } = reader;
  const plans = mayWrite('CarePlan', 'u');
  const tasks = mayWrite('Task', 'u');
  return {
    decide: rights.has('decide') && plans && overview.proposal?.mayDecide === true,
    override: rights.has('decide') && plans && overview.level !== undefined,
    safety: rights.has('safety') && tasks,
    enrol:
      rights.has('enrol') &&
      mayWrite('CarePlan', 'c') &&
      overview.level === undefined &&
      input.hasLevels &&
      !input.record.carePlans.some(isPaused),
    pause: rights.has('pause') && plans && (overview.level !== undefined || input.record.carePlans.some(isPaused)),
    handover:
      rights.has('handover') && plans && input.viewer !== undefined && colleaguesOf(resources, input.viewer).length > 0,
    reschedule: rights.has('reschedule') && tasks,
    logContact: rights.has('log-contact') && mayWrite('Communication', 'c'),
    answer: rights.has('answer') && mayWrite('QuestionnaireResponse', 'c'),
  };
}
