import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import type { Questionnaire } from 'fhir/r4.js';
import type { Instrument } from '../../src/domain/instrument.ts';
import { readInstrument } from '../../src/domain/read-instrument.ts';
import { compileScoring, type Scores } from '../../src/domain/scoring.ts';

const FOLDER = new URL('../../questionnaires/', import.meta.url);

/** Every Questionnaire that ships, by id. */
export const questionnaires: ReadonlyMap<string, Questionnaire> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.startsWith('Questionnaire-'))
    .map((name): [string, Questionnaire] => {
      const questionnaire: Questionnaire = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
      return [questionnaire.id!, questionnaire];
    }),
);

export const instruments: readonly Instrument[] = [...questionnaires.values()].flatMap(
  (it) => readInstrument(it) ?? [],
);
export const instrumentOf = (id: string): Instrument => instruments.find((it) => it.id === id)!;

/** Raw answers in the order of the printed form; null where none was given. */
export type AnswerRow = readonly (number | null)[];

const scorings = new Map(instruments.map((it) => [it.id, compileScoring(it)]));

/** Vincle's scores for the answers of one form. */
export const scoresOf = (instrument: Instrument, row: AnswerRow): Scores =>
  scorings.get(instrument.id)!(
    new Map(
      instrument.items.flatMap(({ linkId }, index): [string, number][] => {
        const raw = row[index];
        return raw === null || raw === undefined ? [] : [[linkId, raw]];
      }),
    ),
  );

/** The value of one score, `undefined` where it cannot be had. */
export function scoreValue(scores: Scores, measure: string): number | undefined {
  const score = scores.measures.get(measure);
  if (score === undefined) throw new Error(`There is no score ${measure}.`);
  return 'value' in score ? score.value : undefined;
}

/** Raw values that an item can have. */
export const rawValues = ({ low, high, weights }: Instrument['items'][number]): readonly number[] =>
  weights === undefined ? Array.from({ length: high - low + 1 }, (_, index) => low + index) : [...weights.values()];

/** Complete answers to a form. */
export const completeRow = (instrument: Instrument): fc.Arbitrary<number[]> =>
  fc.tuple(...instrument.items.map((item) => fc.constantFrom(...rawValues(item))));

/** Answers with any pattern of gaps: from none missing to all of them, each number of gaps as likely as the other. */
export const rowWithGaps = (instrument: Instrument): fc.Arbitrary<(number | null)[]> =>
  fc
    .tuple(completeRow(instrument), fc.shuffledSubarray(instrument.items.map((_, index) => index)))
    .map(([row, missing]) => row.map((raw, index) => (missing.includes(index) ? null : raw)));
