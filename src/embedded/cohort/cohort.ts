import type { Bundle, FhirResource, QuestionnaireResponse } from 'fhir/r4.js';
import { addMonths } from '../../domain/visit.ts';
import { answersTo } from './answers.ts';
import { bystanders, type Irregularity, irregular } from './irregular.ts';
import { type Cast, cast, programme } from './people.ts';
import { Random } from './random.ts';
import { communications, platformRatings, responsesOf } from './responses.ts';
import { plusDays } from './synthetic.ts';

export interface CohortOptions {
  readonly seed: number;
  readonly patients: number;
  /** Begins every id, so that several cohorts can share a server. */
  readonly prefix?: string;
  /** Date of the first inclusion. */
  readonly from?: string;
  /** False: complete, undoubted answers alone. */
  readonly irregular?: boolean;
}

export interface Cohort {
  /** `ResearchStudy/…` to be configured as `STUDY`. */
  readonly study: string;
  /** Transactions of at most a hundred entries, in an order in which every reference resolves. */
  readonly first: readonly Bundle[];
  /** The rest: later ratings, and corrections of what came first. */
  readonly second: readonly Bundle[];
  readonly faults: readonly { readonly response: string; readonly kind: Irregularity }[];
}

const BUNDLE = 100;
/** Answers from after this many days since inclusion come in the second half. */
const HALF_DAYS = 150;

/** A whole synthetic trial: two arms, a year, and what goes wrong in one. The same options give the same resources. */
export function generateCohort({
  seed,
  patients,
  prefix = 'demo',
  from = '2025-01-08',
  irregular: withOdd = true,
}: CohortOptions): Cohort {
  const random = new Random(seed);
  const who = cast({ prefix, patients, from }, random);
  const odd = withOdd ? irregular(who, prefix, `Patient/${prefix}-outsider`, random) : [];
  const early: QuestionnaireResponse[] = [];
  const late: QuestionnaireResponse[] = [];
  for (const person of who.people)
    for (const response of responsesOf(person, random))
      ((response.authored ?? '') < plusDays(person.inclusion, HALF_DAYS) ? early : late).push(response);
  const contacts = who.people.flatMap((person) => communications(person, random));
  const people = [...programme(who, prefix, random), ...bystanders(prefix)];
  const half = Math.ceil(odd.length / 2);
  return {
    study: who.study,
    first: bundles([
      ...people,
      ...contacts,
      ...early,
      ...platformRatings(who, random),
      ...odd.slice(0, half).map((it) => it.response),
    ]),
    second: bundles([
      ...late,
      ...odd.slice(half).map((it) => it.response),
      ...(withOdd ? corrections(who, early, random) : []),
    ]),
    faults: odd.map(({ kind, response }) => ({ response: `QuestionnaireResponse/${response.id}`, kind })),
  };
}

/** What a hospital corrects afterwards: an amended, a withdrawn and a moved answer, and a wrong date of inclusion. */
function corrections({ people, study }: Cast, early: readonly QuestionnaireResponse[], random: Random): FhirResource[] {
  const alliance = early.filter((it) => it.questionnaire?.includes('/wai-s-p'));
  const screener = early.filter((it) => it.questionnaire?.includes('/phq-4'));
  const [amended, withdrawn] = [alliance[0], alliance[1]];
  const moved = screener.at(-1);
  const [target, reincluded] = [people[0], people.at(-1)];
  const rated = amended?.item?.filter((it) => it.linkId === 'rated-therapist') ?? [];
  return [
    ...(amended === undefined
      ? []
      : [{ ...amended, status: 'amended' as const, item: [...rated, ...answersTo('wai-s-p', -1, random)] }]),
    ...(withdrawn === undefined ? [] : [{ ...withdrawn, status: 'entered-in-error' as const }]),
    ...(moved === undefined || target === undefined
      ? []
      : [{ ...moved, subject: { reference: target.patient }, source: { reference: target.patient } }]),
    ...(reincluded === undefined
      ? []
      : [correctedInclusion(reincluded.id, reincluded.patient, study, addMonths(reincluded.inclusion, 3))]),
  ];
}

const correctedInclusion = (id: string, patient: string, study: string, start: string): FhirResource => ({
  resourceType: 'ResearchSubject',
  id: `${id}-subject`,
  status: 'on-study',
  study: { reference: study },
  individual: { reference: patient },
  period: { start },
});

function bundles(resources: readonly FhirResource[]): Bundle[] {
  const count = Math.ceil(resources.length / BUNDLE);
  return Array.from({ length: count }, (_, index) => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.slice(index * BUNDLE, (index + 1) * BUNDLE).map((resource) => ({
      resource,
      request: { method: 'PUT' as const, url: `${resource.resourceType}/${resource.id}` },
    })),
  }));
}
