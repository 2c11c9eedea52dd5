import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import type { Random } from './random.ts';

const LOINC_ANSWERS = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];

/** How the items of a form are named and answered. */
interface Shape {
  readonly items: readonly string[];
  readonly low: number;
  readonly high: number;
  /** Where a high answer means little of what is measured. */
  readonly reversed: ReadonlySet<string>;
  readonly answer: (raw: number) => NonNullable<QuestionnaireResponseItem['answer']>[number];
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
const coded = (system: string) => (raw: number) => ({ valueCoding: { system: codeSystem(system), code: String(raw) } });
const loinc = (raw: number) => ({ valueCoding: { system: 'http://loinc.org', code: LOINC_ANSWERS[raw] ?? '' } });
const integer = (raw: number) => ({ valueInteger: raw });
const none: ReadonlySet<string> = new Set();

const WAI: Shape = {
  items: numbered('wai', 12),
  low: 1,
  high: 7,
  reversed: new Set(['wai-4', 'wai-10']),
  answer: coded('wai-s-frequency'),
};

export const SHAPES: Readonly<Record<string, Shape>> = {
  'wai-s-p': WAI,
  'wai-s-t': WAI,
  sus: {
    items: numbered('sus', 10),
    low: 1,
    high: 5,
    reversed: new Set(['sus-2', 'sus-4', 'sus-6', 'sus-8', 'sus-10']),
    answer: coded('sus-agreement'),
  },
  'vas-app': { items: ['vas-1'], low: 0, high: 100, reversed: none, answer: integer },
  'vas-platform': { items: ['vas-1'], low: 0, high: 100, reversed: none, answer: integer },
  'distress-thermometer': { items: ['dt-1'], low: 0, high: 10, reversed: none, answer: integer },
  'phq-4': { items: numbered('phq4', 4), low: 0, high: 3, reversed: none, answer: loinc },
  'phq-9': { items: numbered('phq9', 9), low: 0, high: 3, reversed: none, answer: loinc },
  'gad-7': { items: numbered('gad7', 7), low: 0, high: 3, reversed: none, answer: loinc },
  hads: { items: numbered('hads', 14), low: 0, high: 3, reversed: none, answer: coded('hads-answer') },
};

/** Where the answers of each form lie, as a share of their range: alliance near its ceiling, symptoms near their floor. */
const CENTRE: Readonly<Record<string, number>> = {
  'wai-s-p': 0.82,
  'wai-s-t': 0.74,
  sus: 0.72,
  'vas-app': 0.75,
  'vas-platform': 0.6,
  'distress-thermometer': 0.42,
  'phq-4': 0.3,
  'phq-9': 0.26,
  'gad-7': 0.3,
  hads: 0.3,
};
const SPREAD = 0.13;
const NOISE = 0.12;

/**
 * Answers to one form by somebody who stands at `latent` (standard normal). With `missing`, each item is left out with
 * that probability.
 */
export function answersTo(form: string, latent: number, random: Random, missing = 0): QuestionnaireResponseItem[] {
  const shape = SHAPES[form];
  if (shape === undefined) throw new RangeError(`no shape for ${form}`);
  return shape.items.flatMap((linkId): QuestionnaireResponseItem[] => {
    const share = (CENTRE[form] ?? 0.5) + SPREAD * latent + NOISE * random.normal();
    const level = Math.min(shape.high, Math.max(shape.low, Math.round(shape.low + share * (shape.high - shape.low))));
    const skip = random.chance(missing);
    return skip
      ? []
      : [{ linkId, answer: [shape.answer(shape.reversed.has(linkId) ? shape.low + shape.high - level : level)] }];
  });
}
