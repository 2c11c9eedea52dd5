import type { CareTeam, Consent, EpisodeOfCare, FhirResource, Practitioner, ResearchSubject } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import { dateOfDay, dayNumber } from '../domain/instant.ts';
import { generateCohort } from '../embedded/cohort/generate-cohort.ts';
import { SYNTHETIC, SYNTHETIC_EPISODE_TYPE } from '../embedded/cohort/marks.ts';
import { type Cohort, cohortOf } from '../embedded/cohort/options.ts';
import { type Participant, participantOf } from '../embedded/cohort/participant.ts';
import { practitionerReference } from '../embedded/cohort/people.ts';
import type { SimulationOptions } from './options.ts';

/** One synthetic patient of the simulation, with what only the simulation knows of them. */
export interface SimulatedPatient {
  readonly who: Participant;
  readonly reference: string;
  /** `Practitioner/…` who treats now. */
  therapist: string;
  /** How distressed, 0 to 1; only answers tell. */
  distress: number;
  gone: 'deceased' | 'withdrawn' | undefined;
}

/** The people of a simulation, and the resources by which the hospital knows them. */
export interface World {
  readonly cohort: Cohort;
  readonly people: ReadonlyMap<string, SimulatedPatient>;
  readonly resources: readonly FhirResource[];
  readonly study: string;
  readonly episodeType: string;
  readonly coordinator: string;
}

/** Recruitment takes four weeks: a year of everybody fits into thirteen months. */
const RECRUITMENT_DAYS = 28;
const PEOPLE: ReadonlySet<string> = new Set([
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'ResearchStudy',
  'Patient',
  'ResearchSubject',
  'EpisodeOfCare',
  'CareTeam',
  'Consent',
]);

const moved = (date: string | undefined, days: number): string =>
  dateOfDay(dayNumber((date ?? '').slice(0, 10)) + days);

const coordinatorOf = (id: string): Practitioner => ({
  resourceType: 'Practitioner',
  id,
  meta: SYNTHETIC,
  active: true,
  name: [{ family: 'Coordinator', given: ['Synthetic'], text: 'Synthetic Coordinator' }],
});

/** A cohort without faults, included over four weeks, in the care of teams whose roles are named. */
export function makeWorld(options: SimulationOptions): World {
  const { patients, seed, start, prefix } = options;
  const study = options.study?.slice('ResearchStudy/'.length);
  const made = { patients, seed, start, idPrefix: prefix, faults: false, ...(study === undefined ? {} : { study }) };
  const cohort = cohortOf(made);
  const { first, study: reference } = generateCohort(made);
  const people = new Map<string, SimulatedPatient>();
  const days = new Map<string, number>();
  for (let index = 0; index < cohort.patients; index += 1) {
    const who = participantOf(cohort, index);
    const inclusion = moved(start, index % RECRUITMENT_DAYS);
    days.set(who.reference, dayNumber(inclusion) - dayNumber(who.inclusion));
    people.set(who.reference, {
      who,
      reference: who.reference,
      therapist: practitionerReference(cohort, who.therapist),
      distress: who.distress,
      gone: undefined,
    });
  }
  const coordinator = `${prefix}-practitioner-coordinator`;
  const resources = first
    .flatMap((bundle) => (bundle.entry ?? []).flatMap((it) => it.resource ?? []))
    .filter((it) => PEOPLE.has(it.resourceType) && (study === undefined || it.resourceType !== 'ResearchStudy'))
    .flatMap((it) => within(it, days, `Practitioner/${coordinator}`));
  return {
    cohort,
    people,
    resources: [coordinatorOf(coordinator), ...resources],
    study: reference,
    episodeType: SYNTHETIC_EPISODE_TYPE,
    coordinator: `Practitioner/${coordinator}`,
  };
}

/** The resource with its dates in the simulated year; nothing for what is about nobody of the programme. */
function within(it: FhirResource, days: ReadonlyMap<string, number>, coordinator: string): FhirResource[] {
  switch (it.resourceType) {
    case 'Patient':
      return days.has(`Patient/${it.id}`) ? [it] : [];
    case 'ResearchSubject':
      return subject(it, days.get(it.individual.reference ?? ''));
    case 'EpisodeOfCare':
      return episode(it, days.get(it.patient.reference ?? ''));
    case 'CareTeam':
      return team(it, days.get(it.subject?.reference ?? ''), coordinator);
    case 'Consent':
      return consent(it, days.get(it.patient?.reference ?? ''));
    default:
      return [it];
  }
}

const subject = (it: ResearchSubject, by: number | undefined): FhirResource[] =>
  by === undefined ? [] : [{ ...it, period: { start: moved(it.period?.start, by) } }];

const consent = (it: Consent, by: number | undefined): FhirResource[] =>
  by === undefined ? [] : [{ ...it, dateTime: moved(it.dateTime, by) }];

const episode = (it: EpisodeOfCare, by: number | undefined): FhirResource[] =>
  by === undefined ? [] : [{ ...it, period: { start: moved(it.period?.start, by) } }];

function team(it: CareTeam, by: number | undefined, coordinator: string): FhirResource[] {
  if (by === undefined) return [];
  const start = moved(it.period?.start, by);
  const participant = (it.participant ?? []).map(({ period, ...one }) =>
    period === undefined ? one : { ...one, period: { start } },
  );
  const coordinating = {
    role: [{ coding: [{ system: codeSystem('role'), code: 'coordinator', display: 'Coordinator' }] }],
    member: { reference: coordinator },
    period: { start },
  };
  return [{ ...it, period: { start }, participant: [...participant, coordinating] }];
}
