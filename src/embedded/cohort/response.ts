import type { Meta, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { BASE, codeSystem } from '../../domain/canonicals.ts';
import { addMonths } from '../../domain/visit.ts';
import { type Answers, answersAt, type InstrumentId, itemsOf } from './answers.ts';
import { addDays, inUtc, localInstant } from './calendar.ts';
import { therapistOn } from './care.ts';
import { identifierOf, SYNTHETIC } from './marks.ts';
import { type Cohort, idOf } from './options.ts';
import type { Participant } from './participant.ts';
import { practitionerReference } from './people.ts';
import { type Random, randomOf } from './random.ts';

export type VisitName = 'baseline' | 'm3' | 'm6' | 'm12';
export const MONTHS: Readonly<Record<VisitName, number>> = { baseline: 0, m3: 3, m6: 6, m12: 12 };

/** One form filled in once: what the response is written from. */
export interface Answered {
  readonly instrument: InstrumentId;
  readonly visit: VisitName;
  /** Local date. */
  readonly date: string;
  /** FHIR dateTime. */
  readonly authored: string;
  readonly answers: Answers;
  /** Index of the therapist rated or rating. */
  readonly therapist: number;
}

const SCREENERS: readonly InstrumentId[] = ['distress-thermometer', 'phq-4', 'phq-9', 'gad-7', 'hads'];
const ALLIANCE: readonly InstrumentId[] = ['wai-s-p', 'wai-s-t'];
const OF_APP: readonly InstrumentId[] = ['sus', 'vas-app'];

/** The forms of a visit: no alliance, usability or satisfaction before there is any. */
function formsAt(who: Participant, visit: VisitName): readonly InstrumentId[] {
  if (visit === 'baseline') return SCREENERS;
  return [...ALLIANCE, ...(who.arm === 'digital' ? OF_APP : []), ...SCREENERS];
}

/** Everything that is answered as planned, until a dropout. */
export function* scheduleOf(cohort: Cohort, who: Participant): Generator<Answered> {
  const random = randomOf(cohort.seed, 'responses', who.index);
  for (const visit of ['baseline', 'm3', 'm6', 'm12'] as const) {
    if (visit === who.dropout || (visit === 'm12' && who.dropout !== undefined)) return;
    const day = addDays(addMonths(who.inclusion, MONTHS[visit]), visit === 'baseline' ? 0 : random.integer(-9, 16));
    for (const instrument of formsAt(who, visit)) {
      const date = instrument === 'wai-s-t' ? addDays(day, random.integer(0, 9)) : day;
      const answers = answersAt(random, who, instrument, visit);
      const authored = instantOn(random, date);
      const therapist = therapistOn(cohort, who, date);
      yield { instrument, visit, date, authored, therapist, answers: cohort.faults ? gaps(random, answers) : answers };
    }
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Most systems write local time with its offset, some UTC. */
export function instantOn(random: Random, date: string): string {
  const time = `${two(random.integer(8, 20))}:${two(random.integer(0, 59))}:${two(random.integer(0, 59))}`;
  const instant = localInstant(date, time);
  return random.chance(0.15) ? inUtc(instant) : instant;
}

/** Now and then an item is left open. */
const gaps = (random: Random, answers: Answers): Answers => answers.map((raw) => (random.chance(0.004) ? null : raw));

const RELEASE = codeSystem('release');

/** An alliance rating is not for the eyes of the one it is about, or of the one who was rated with it. */
function metaOf(instrument: InstrumentId): Meta {
  if (instrument !== 'wai-s-p' && instrument !== 'wai-s-t') return SYNTHETIC;
  const blinded = instrument === 'wai-s-p' ? 'blinded-from-therapist' : 'blinded-from-patient';
  const confidentiality = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
  return { ...SYNTHETIC, security: [confidentiality, { system: RELEASE, code: blinded }] };
}

export const questionnaireOf = (instrument: InstrumentId): string => `${BASE}/Questionnaire/${instrument}|1.0.0`;

export const responseIdOf = (cohort: Cohort, who: Participant, visit: string, instrument: InstrumentId): string =>
  idOf(cohort, 'qr', who.number, visit, instrument);

/** The item that says whose work the patient rates. */
export const ratedTherapist = (reference: string): QuestionnaireResponseItem => ({
  linkId: 'rated-therapist',
  answer: [{ valueReference: { reference } }],
});

/** The response as an app of our own would store it; `label` tells several of one visit apart. */
export function responseOf(
  cohort: Cohort,
  who: Participant,
  answered: Answered,
  label: string = answered.visit,
): QuestionnaireResponse {
  const { instrument } = answered;
  const id = responseIdOf(cohort, who, label, instrument);
  const therapist = practitionerReference(cohort, answered.therapist);
  const rated = instrument === 'wai-s-p' ? [ratedTherapist(therapist)] : [];
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    meta: metaOf(instrument),
    language: who.language,
    identifier: identifierOf(id),
    questionnaire: questionnaireOf(instrument),
    status: 'completed',
    subject: { reference: who.reference },
    authored: answered.authored,
    source: { reference: instrument === 'wai-s-t' ? therapist : who.reference },
    item: [...rated, ...itemsOf(instrument, answered.answers)],
  };
}
