import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { QuestionnaireItem, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { roundStored } from '../../src/domain/decimal.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import {
  type AnswerRow,
  instruments,
  questionnaires,
  rowWithGaps,
  scoresOf,
  scoreValue,
} from '../domain/shipped-instruments.ts';

const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';

const expressionOf = (item: QuestionnaireItem): string | undefined =>
  item.extension?.find((it) => it.url === CALCULATED)?.valueExpression?.expression;

/** The items of a response as an app writes them: an item without an answer is left out, or stands empty. */
function itemsOf(instrument: Instrument, row: AnswerRow, leaveOut: boolean): QuestionnaireResponseItem[] {
  return instrument.items.flatMap(({ linkId, weights }, index): QuestionnaireResponseItem[] => {
    const raw = row[index];
    if (raw === null || raw === undefined) return leaveOut ? [] : [{ linkId }];
    const option = [...(weights ?? [])].find(([, weight]) => weight === raw)?.[0];
    const [system = '', code = ''] = option?.split('|') ?? [];
    return [{ linkId, answer: [option === undefined ? { valueInteger: raw } : { valueCoding: { system, code } }] }];
  });
}

const responseOf = (instrument: Instrument, item: QuestionnaireResponseItem[]): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${instrument.url}|${instrument.version}`,
  status: 'completed',
  item,
});

describe.each(instruments.map((it) => [it.id, it] as const))('the published expressions of %s', (id, instrument) => {
  const published = questionnaires.get(id)!.item!.flatMap((item) => {
    const expression = expressionOf(item);
    return expression === undefined ? [] : [{ linkId: item.linkId, expression }];
  });
  const expressions = instrument.keys.map((key) => ({
    measure: key.measure,
    evaluate: fhirpath.compile(published.find((it) => it.linkId === key.linkId)!.expression, r4, { async: false }),
  }));
  const evaluated = (item: QuestionnaireResponseItem[]) => {
    const resource = responseOf(instrument, item);
    return new Map(expressions.map(({ measure, evaluate }) => [measure, evaluate(resource, { resource })]));
  };
  /** What fhirpath.js makes of each expression is what the compiled scoring says, and nothing where it says nothing. */
  const agree = (row: AnswerRow, item: QuestionnaireResponseItem[]): void => {
    const scores = scoresOf(instrument, row);
    for (const [measure, result] of evaluated(item)) {
      const value = scoreValue(scores, measure);
      expect([measure, result.map((it) => roundStored(Number(it)))]).toEqual([
        measure,
        value === undefined ? [] : [value],
      ]);
    }
  };

  test('each score is published by one expression, and nothing else is', () =>
    expect(published.map((it) => it.linkId).sort()).toEqual(instrument.keys.map((it) => it.linkId).sort()));

  test('fhirpath.js computes the compiled scores, with any pattern of missing answers', () => {
    fc.assert(
      fc.property(rowWithGaps(instrument), fc.boolean(), (row, leaveOut) =>
        agree(row, itemsOf(instrument, row, leaveOut)),
      ),
      {
        numRuns: 200,
        examples: [
          [instrument.items.map(() => null), true],
          [instrument.items.map((it) => it.high), true],
        ],
      },
    );
  });

  test('the order of the items does not matter, nor the score items that a renderer has already filled', () => {
    const shuffled = rowWithGaps(instrument).chain((row) =>
      fc.tuple(fc.constant(row), fc.shuffledSubarray(itemsOf(instrument, row, false), { minLength: row.length })),
    );
    const filled = instrument.keys.map((key) => ({ linkId: key.linkId, answer: [{ valueDecimal: key.high }] }));
    fc.assert(
      fc.property(shuffled, ([row, items]) => agree(row, [...items, ...filled])),
      { numRuns: 50 },
    );
  });

  test('a response without any item has no score', () =>
    expect([...evaluated([]).values()]).toEqual(instrument.keys.map(() => [])));
});
