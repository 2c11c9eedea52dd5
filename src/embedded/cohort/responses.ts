import type { QuestionnaireResponse } from 'fhir/r4.js';
import { addMonths } from '../../domain/visit.ts';
import { answersAt, itemsOf } from './answers.ts';
import { addDays } from './calendar.ts';
import type { Parts } from './care.ts';
import type { Distortion } from './distort.ts';
import { ALLIANCE_DISTORTIONS } from './distort-alliance.ts';
import { SCREENER_DISTORTIONS } from './distort-screeners.ts';
import type { Fault, FaultNote } from './faults.ts';
import { identifierOf, SYNTHETIC } from './marks.ts';
import { type Cohort, idOf } from './options.ts';
import { type Participant, participantOf } from './participant.ts';
import { outsiderOf, practitionerReference } from './people.ts';
import { randomOf } from './random.ts';
import { instantOn, questionnaireOf } from './response.ts';
import { type Sheet, sheetOf } from './sheet.ts';

/** What happens to a patient's course is told by her first response after it. */
const firstOf =
  (instrument: 'wai-s-p' | 'phq-4', visit: 'm3' | 'm6'): Distortion =>
  (sheet) =>
    sheet.entries.find((it) => it.answered.instrument === instrument && it.answered.visit === visit)?.response.id;

const COURSE_DISTORTIONS = {
  'therapist-changed': firstOf('wai-s-p', 'm6'),
  'corrected-inclusion': firstOf('phq-4', 'm3'),
  'two-inclusions': firstOf('phq-4', 'm3'),
  'included-by-episode': firstOf('phq-4', 'm3'),
  'included-by-care-plan': firstOf('phq-4', 'm3'),
  'inclusion-as-instant': firstOf('phq-4', 'm3'),
  'consent-denied': firstOf('phq-4', 'm6'),
  'consent-denied-later': firstOf('phq-4', 'm3'),
  'release-permitted': firstOf('wai-s-p', 'm3'),
  'withdrawn-from-study': firstOf('wai-s-p', 'm3'),
} satisfies Partial<Record<Fault, Distortion>>;

const DISTORTIONS: Readonly<Record<Fault, Distortion>> = {
  ...COURSE_DISTORTIONS,
  ...ALLIANCE_DISTORTIONS,
  ...SCREENER_DISTORTIONS,
};

function happened(cohort: Cohort, who: Participant): { sheet: Sheet; notes: FaultNote[] } {
  const sheet = sheetOf(cohort, who);
  const notes: FaultNote[] = [];
  for (const fault of who.faults) {
    const responseId = DISTORTIONS[fault](sheet);
    if (responseId !== undefined) notes.push({ responseId, fault });
  }
  return { sheet, notes };
}

/** All responses of one participant, those the hospital holds at first and those that arrive later. */
export function responsesOf(cohort: Cohort, who: Participant): Parts<QuestionnaireResponse> {
  const { sheet } = happened(cohort, who);
  const of = (part: 'first' | 'second') => sheet.entries.filter((it) => it.part === part).map((it) => it.response);
  return { first: [...of('first'), ...sheet.extra], second: [...of('second'), ...sheet.later] };
}

/** What happened to one participant's responses. */
export const notesOf = (cohort: Cohort, who: Participant): readonly FaultNote[] => happened(cohort, who).notes;

/** What a therapist says of the monitoring platform once a quarter; the one outside the programme says it too. */
export function platformRatings(cohort: Cohort, therapist: number): Parts<QuestionnaireResponse> {
  if (cohort.responses !== undefined || therapist > outsiderOf(cohort)) return { first: [], second: [] };
  const random = randomOf(cohort.seed, 'platform', therapist);
  const answers = participantOf(cohort, therapist % cohort.patients);
  const ratings = [3, 6, 9, 12, 15].map((month): QuestionnaireResponse => {
    const date = addDays(addMonths(cohort.start, month), random.integer(0, 10));
    const id = idOf(cohort, 'qr', 'therapist', String(therapist + 1).padStart(2, '0'), `m${month}`, 'vas-platform');
    const reference = practitionerReference(cohort, therapist);
    return {
      resourceType: 'QuestionnaireResponse',
      id,
      meta: SYNTHETIC,
      language: 'ca',
      identifier: identifierOf(id),
      questionnaire: questionnaireOf('vas-platform'),
      status: 'completed',
      subject: { reference },
      authored: instantOn(random, date),
      source: { reference },
      item: itemsOf('vas-platform', answersAt(random, answers, 'vas-platform', 'm3')),
    };
  });
  return { first: ratings.slice(0, 2), second: ratings.slice(2) };
}
