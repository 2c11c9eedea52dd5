import type { Communication, Encounter, ResearchSubject, Task } from 'fhir/r4.js';
import type { CohortPatient, CohortRow, CommunicationKind, PatientVisit } from '../../analysis/cohort-data.ts';
import type { PractitionerOfRole } from '../../domain/care.ts';
import { type ConsentState, consentState } from '../../domain/consent.ts';
import { covers, dayNumber, hourOfDay, localDate } from '../../domain/instant.ts';
import { membershipOf, programmeEpisodes } from '../../domain/membership.ts';
import type { PatientRecord } from '../../domain/patient-record.ts';
import { literal } from '../../domain/reference.ts';
import { addMonths, visitDates } from '../../domain/visit.ts';
import type { PipelineContext } from '../context.ts';
import type { GivenArms } from './arms.ts';
import { type Asking, askedBy, askState } from './asked.ts';
import { amountsIn, ofCommunication, ofEncounter, type PersonalContact } from './communications.ts';
import type { PatientRatings } from './csv.ts';
import { type Exposure, wasExposed } from './exposures.ts';
import { type Leaving, leavingOf, type StudyClosure } from './leaving.ts';
import { daysApartOf, type ObservedRating, observedRating, oneEach, scoreAt } from './observed.ts';
import type { CodedKind } from './pseudonyms.ts';

/** Everything that is read of one patient. */
export interface CohortRecord {
  readonly record: PatientRecord;
  readonly tasks: readonly Task[];
  readonly communications: readonly Communication[];
  readonly encounters: readonly Encounter[];
  readonly roles: PractitionerOfRole;
  /** Who was shown ratings of this and other patients; empty where the server cannot be asked. */
  readonly exposures: readonly Exposure[];
}

/** What is the same for every patient of one reading. */
export interface CohortFrame {
  readonly context: PipelineContext;
  /** Alliance visits of the plan, in order. */
  readonly visits: readonly string[];
  /** Kinds of contact that the server tells of. */
  readonly fed: ReadonlySet<CommunicationKind>;
  readonly code: (kind: CodedKind, reference: string) => string;
  /** `Organization/…` where no EpisodeOfCare names one. */
  readonly site: string;
  readonly nowMs: number;
  /** Arms that Groups or a list tell, beside the ResearchSubjects’. */
  readonly givenArms?: GivenArms | undefined;
  /** Where the study has closed. */
  readonly closure?: StudyClosure | undefined;
}

/** Why a patient is not in the data set. Stable codes. */
export type LeftOut =
  | 'no-patient'
  | 'not-in-programme'
  | 'several-arms'
  | 'no-inclusion'
  | 'no-research-consent'
  /** A Consent about research is there that cannot be understood. */
  | 'research-consent-unclear'
  /** Withdrawn from the study, and no Consent of the patient’s lets research go on with what there is. */
  | 'withdrawn-from-research';

export interface InCohort extends PatientRatings {
  /** Ratings that counted beside the one of their visit and rater. */
  readonly others: number;
  /** Arms by ResearchSubjects: of the study, or of any where none is configured. */
  readonly assigned: readonly { readonly study: string; readonly arm: string }[];
}

/** One patient of the data set, or why not. */
export function cohortPatient(it: CohortRecord, frame: CohortFrame): InCohort | LeftOut {
  const { record } = it;
  const { settings } = frame.context;
  const { inclusion, inScope } = membershipOf(record, settings);
  const subjects = subjectsOf(record, settings);
  if (record.patient === undefined) return 'no-patient';
  if (!inScope) return 'not-in-programme';
  const refusal = refusalOf(record, subjects, frame);
  if (refusal !== undefined) return refusal;
  const [arm, ...otherArms] = new Set([
    ...subjects.flatMap((one) => one.assignedArm ?? []),
    ...(frame.givenArms?.of(record.subject) ?? []),
  ]);
  if (otherArms.length > 0) return 'several-arms';
  if (inclusion === undefined) return 'no-inclusion';
  const { timeZone, baseUrl } = settings;
  const observed = record.derived.flatMap((one) => observedRating(one, timeZone, baseUrl) ?? []);
  const { kept, others } = oneEach(observed.filter((one) => frame.visits.includes(one.visit)));
  kept.sort((a, b) => frame.visits.indexOf(a.visit) - frame.visits.indexOf(b.visit) || (a.rater < b.rater ? -1 : 1));
  const code = frame.code('patient', record.subject);
  const gone = goneOf(record, { subjects, inclusion, kept }, frame);
  const patient: CohortPatient = {
    patient: code,
    arm,
    site: frame.code('site', siteOf(record, inclusion, frame)),
    ageAtInclusion: ageOn(record.patient.birthDate, inclusion),
    baselineDistress: scoreAt(record.derived, 'distress-thermometer', 'baseline', timeZone),
    left: gone?.why,
    visits: visitsOf(it, kept, { inclusion, leftOn: gone?.on }, frame),
  };
  return {
    patient,
    rows: kept.map((one) => rowOf(one, { code, inclusion, record, exposures: it.exposures }, frame)),
    others,
    assigned: (settings.study === undefined ? record.researchSubjects : subjects).flatMap((one) => {
      const study = literal(one.study, baseUrl);
      const isOne = study !== undefined && (one.status as string) !== 'entered-in-error';
      return isOne && one.assignedArm !== undefined ? [{ study, arm: one.assignedArm }] : [];
    }),
  };
}

/** ResearchSubjects of the study that are not entered in error. */
const subjectsOf = (
  record: PatientRecord,
  { study, baseUrl }: PipelineContext['settings'],
): readonly ResearchSubject[] =>
  record.researchSubjects.filter(
    (it) => (it.status as string) !== 'entered-in-error' && literal(it.study, baseUrl) === study,
  );

const REFUSED: Readonly<Record<ConsentState, LeftOut | undefined>> = {
  given: undefined,
  denied: 'no-research-consent',
  'not-given': 'no-research-consent',
  unclear: 'research-consent-unclear',
};

/**
 * Consent to research (contract, Consent): a denial always wins; a ResearchSubject that was not withdrawn counts as
 * consent; everybody else needs an explicit one.
 */
function refusalOf(
  record: PatientRecord,
  subjects: readonly ResearchSubject[],
  frame: CohortFrame,
): LeftOut | undefined {
  const { content, settings } = frame.context;
  const takesPart = subjects.some((it) => it.status !== 'withdrawn');
  const required = takesPart ? content.consent.required : [...content.consent.required, 'research' as const];
  const refused = REFUSED[consentState(record.consents, 'research', frame.nowMs, { required }, settings.timeZone)];
  if (refused === undefined) return undefined;
  return subjects.some((it) => it.status === 'withdrawn') ? 'withdrawn-from-research' : refused;
}

interface Followed {
  readonly subjects: readonly ResearchSubject[];
  readonly inclusion: string;
  readonly kept: readonly ObservedRating[];
}

function goneOf(
  record: PatientRecord,
  { subjects, inclusion, kept }: Followed,
  { context, visits, nowMs, closure }: CohortFrame,
): Leaving | undefined {
  const zone = context.settings.timeZone;
  const last = context.content.visits.windows.filter((it) => visits.includes(it.visit)).at(-1);
  return leavingOf(record, subjects, {
    lastDay: last && visitDates(inclusion, last).last,
    today: localDate(nowMs, zone),
    ratedLast: kept.some((it) => it.rater === 'patient' && it.visit === last?.visit),
    closure,
    zone,
  });
}

/** Who manages the programme’s episode; without a type of episode, one that was open at inclusion. Another clinic’s episode says nothing. */
function siteOf(record: PatientRecord, inclusion: string, { context, site }: CohortFrame): string {
  const { settings } = context;
  const episodes =
    settings.episodeType === undefined
      ? record.episodes.filter((it) => covers(it.period, inclusion))
      : programmeEpisodes(record, settings);
  return episodes.flatMap((it) => literal(it.managingOrganization, settings.baseUrl) ?? []).sort()[0] ?? site;
}

/** Completed years on a date; `undefined` where the day of birth is not known. */
function ageOn(birthDate: string | undefined, date: string): number | undefined {
  if (birthDate === undefined || !/^\d{4}-\d\d-\d\d$/.test(birthDate)) return undefined;
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return date.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

function rowOf(
  it: ObservedRating,
  of: {
    readonly code: string;
    readonly inclusion: string;
    readonly record: PatientRecord;
    readonly exposures: readonly Exposure[];
  },
  { context, code }: CohortFrame,
): CohortRow {
  const { rater, by: _rater, visit, therapist, authored, ...scores } = it;
  return {
    patient: of.code,
    therapist: therapist === undefined ? undefined : code('therapist', therapist),
    visit,
    rater,
    day: dayNumber(authored.date) - dayNumber(of.inclusion),
    ...scores,
    daysApart: daysApartOf(of.record.derived, therapist, visit, context.settings.baseUrl),
    exposed: wasExposed(it, of.record.derived, of.exposures),
  };
}

function visitsOf(
  it: CohortRecord,
  ratings: readonly ObservedRating[],
  { inclusion, leftOn }: { readonly inclusion: string; readonly leftOn: string | undefined },
  frame: CohortFrame,
): readonly PatientVisit[] {
  const { content, settings } = frame.context;
  const reading = { roles: it.roles, zone: settings.timeZone, baseUrl: settings.baseUrl };
  const contacts = [
    ...it.communications.flatMap((one) => ofCommunication(one, reading) ?? []),
    ...it.encounters.flatMap((one) => ofEncounter(one, reading) ?? []),
  ];
  const asking: Asking = {
    inclusion,
    leftOn,
    ratings,
    today: localDate(frame.nowMs, settings.timeZone),
    visits: content.visits,
    asked: askedBy(it.tasks, inclusion, content, settings.timeZone),
  };
  const { derived } = it.record;
  return frame.visits.map((visit) => ({
    visit,
    sus: scoreAt(derived, 'sus', visit, settings.timeZone),
    vasApp: scoreAt(derived, 'vas-app', visit, settings.timeZone),
    communications: contactsBefore(visit, contacts, asking, frame),
    flow: { patient: askState(visit, 'patient', asking), therapist: askState(visit, 'therapist', asking) },
  }));
}

/** Contacts before the earlier of the visit’s ratings, so that none is counted after either. */
function contactsBefore(
  visit: string,
  contacts: readonly PersonalContact[],
  { inclusion, visits, ratings }: Asking,
  { fed, context }: CohortFrame,
) {
  const first = ratings
    .filter((it) => it.visit === visit)
    .toSorted((a, b) => a.authored.epochMs - b.authored.epochMs)
    .find((it) => it.therapist !== undefined);
  if (first?.therapist === undefined) return undefined;
  const index = visits.windows.findIndex((it) => it.visit === visit);
  const previous = visits.windows[index - 1]?.months ?? 0;
  const from = hourOfDay(addMonths(inclusion, previous), 0, context.settings.timeZone);
  return amountsIn(contacts, first.therapist, { from, before: first.authored.epochMs }, fed);
}
