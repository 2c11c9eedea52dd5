import type { QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import type { Participant } from './participant.ts';
import type { Random } from './random.ts';

export type InstrumentId =
  | 'wai-s-p'
  | 'wai-s-t'
  | 'sus'
  | 'vas-app'
  | 'vas-platform'
  | 'distress-thermometer'
  | 'phq-4'
  | 'phq-9'
  | 'gad-7'
  | 'hads';

/** Raw answers in the order of the printed form; null where none was given. */
export type Answers = readonly (number | null)[];

export const LOINC = 'http://loinc.org';
/** LOINC answer list LL358-3, from "not at all" to "nearly every day". */
export const FREQUENCY = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'] as const;

type ToAnswer = (raw: number) => QuestionnaireResponseItemAnswer;
const coded =
  (system: string): ToAnswer =>
  (raw) => ({ valueCoding: { system: codeSystem(system), code: String(raw) } });
const frequency: ToAnswer = (raw) => ({ valueCoding: { system: LOINC, code: FREQUENCY[raw] ?? `${raw}` } });
const integer: ToAnswer = (raw) => ({ valueInteger: raw });

/** How each form names its items and takes its answers. */
const FORMS: Readonly<Record<InstrumentId, { readonly item: string; readonly answer: ToAnswer }>> = {
  'wai-s-p': { item: 'wai', answer: coded('wai-s-frequency') },
  'wai-s-t': { item: 'wai', answer: coded('wai-s-frequency') },
  sus: { item: 'sus', answer: coded('sus-agreement') },
  'vas-app': { item: 'vas', answer: integer },
  'vas-platform': { item: 'vas', answer: integer },
  'distress-thermometer': { item: 'dt', answer: integer },
  'phq-4': { item: 'phq4', answer: frequency },
  'phq-9': { item: 'phq9', answer: frequency },
  'gad-7': { item: 'gad7', answer: frequency },
  hads: { item: 'hads', answer: coded('hads-answer') },
};

export const linkIdOf = (instrument: InstrumentId, number: number): string => `${FORMS[instrument].item}-${number}`;

/** Answers as items of the form; an item left open is not there. */
export function itemsOf(instrument: InstrumentId, answers: Answers): QuestionnaireResponseItem[] {
  const { answer } = FORMS[instrument];
  return answers.flatMap((raw, index) =>
    raw === null ? [] : [{ linkId: linkIdOf(instrument, index + 1), answer: [answer(raw)] }],
  );
}

const whole = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, Math.round(value)));

/** Twelve raw answers whose total lies near `total`; items 4 and 10 of the form are worded the other way round. */
function alliance(random: Random, total: number): number[] {
  return Array.from({ length: 12 }, (_, index) => {
    const oriented = whole(total / 12 + random.bell(0, 0.7), 1, 7);
    return index === 3 || index === 9 ? 8 - oriented : oriented;
  });
}

const symptoms = (random: Random, count: number, distress: number): number[] =>
  Array.from({ length: count }, () => whole(3 * distress + random.bell(-0.2, 0.7), 0, 3));

/** Thoughts of death are rare, and rarer than the other symptoms suggest. */
const depression = (random: Random, distress: number): number[] => [
  ...symptoms(random, 8, distress),
  random.chance(0.08 * distress) ? 1 : 0,
];

/** How much less distressed people are at each visit, on average. */
const COURSE: Readonly<Record<string, number>> = { baseline: 1, m3: 0.85, m6: 0.75, m12: 0.65 };
/** Months of work together, for the alliance to grow in. */
const GROWTH: Readonly<Record<string, number>> = { m3: 0, m6: 1, m12: 1.5 };

/** What a participant (or, of `wai-s-t` and `vas-platform`, a therapist) would answer at a visit. */
export function answersAt(random: Random, who: Participant, instrument: InstrumentId, visit: string): Answers {
  const distress = who.distress * (COURSE[visit] ?? 1);
  const grown = (GROWTH[visit] ?? 0) + random.bell(0, 1.5);
  switch (instrument) {
    case 'wai-s-p':
      return alliance(random, who.alliance + grown);
    case 'wai-s-t':
      return alliance(random, who.therapistAlliance + grown);
    case 'sus':
      return Array.from({ length: 10 }, (_, index) => whole((index % 2 === 0 ? 4.1 : 1.9) + random.bell(0, 0.7), 1, 5));
    case 'vas-app':
    case 'vas-platform':
      return [whole(random.bell(74, 12), 0, 100)];
    case 'distress-thermometer':
      return [whole(10 * distress + random.bell(0.5, 1), 0, 10)];
    case 'phq-9':
      return depression(random, distress);
    case 'phq-4':
      return symptoms(random, 4, distress);
    case 'gad-7':
      return symptoms(random, 7, distress);
    case 'hads':
      return symptoms(random, 14, distress);
  }
}
