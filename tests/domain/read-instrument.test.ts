import { expect, test } from '@jest/globals';
import type { Coding, Extension, Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import { readInstrument } from '../../src/domain/read-instrument.ts';
import { instrumentOf, questionnaires } from './shipped-instruments.ts';

const ITEM_WEIGHT = 'http://hl7.org/fhir/StructureDefinition/itemWeight';
const ORDINAL_VALUE = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const INSTRUMENT = 'https://w3id.org/vincle/StructureDefinition/instrument';
const SCORING_KEY = 'https://w3id.org/vincle/StructureDefinition/scoring-key';

type Change = (questionnaire: Questionnaire) => void;

/** What is read of a shipped Questionnaire after a change to a copy of it. */
function readChanged(id: string, change: Change) {
  const copy = structuredClone(questionnaires.get(id)!);
  change(copy);
  return readInstrument(copy);
}
const itemOf = ({ item }: Questionnaire, linkId: string): QuestionnaireItem =>
  item!.find((it) => it.linkId === linkId)!;
const keyOf = (questionnaire: Questionnaire, linkId: string): Extension =>
  itemOf(questionnaire, linkId).extension!.find((it) => it.url === SCORING_KEY)!;
const optionOf = (questionnaire: Questionnaire, linkId: string, index: number) =>
  itemOf(questionnaire, linkId).answerOption![index]!.valueCoding!;
const eachWeighted = (questionnaire: Questionnaire, change: (it: Coding) => void): void => {
  for (const { answerOption } of questionnaire.item!)
    for (const { valueCoding } of answerOption ?? []) if (valueCoding?.extension !== undefined) change(valueCoding);
};

test.each([ITEM_WEIGHT, ORDINAL_VALUE])('an instrument whose options carry only %s is read the same', (kept) => {
  const read = readChanged('wai-s-p', (it) =>
    eachWeighted(it, (option) => {
      option.extension = option.extension!.filter((ext) => ext.url === kept);
    }),
  );
  expect(read).toEqual(instrumentOf('wai-s-p'));
});

test('a Questionnaire that declares no instrument, or no score, is none: it is stored and never scored', () => {
  const undeclared = readChanged('phq-9', (it) => {
    it.extension = it.extension!.filter((ext) => ext.url !== INSTRUMENT);
  });
  const unscored = readChanged('phq-9', (it) => {
    it.item = it.item!.filter(({ linkId }) => linkId !== 'score-total');
  });
  expect([undeclared, unscored]).toEqual([undefined, undefined]);
});

test('the PHQ-9 question on difficulty, whose answers have no weight, is no scored item', () =>
  expect(instrumentOf('phq-9').items.map((it) => it.linkId)).toEqual(
    Array.from({ length: 9 }, (_, index) => `phq9-${index + 1}`),
  ));

const REFUSED: readonly (readonly [string, string, Change, RegExp])[] = [
  [
    'an option without a weight',
    'phq-9',
    (it) => {
      optionOf(it, 'phq9-3', 2).extension = [];
    },
    /LA6570-1 of phq9-3 has no weight/,
  ],
  [
    'two weights of one option that differ',
    'phq-9',
    (it) => {
      optionOf(it, 'phq9-3', 2).extension!.find((ext) => ext.url === ORDINAL_VALUE)!.valueDecimal = 3;
    },
    /LA6570-1 of phq9-3 has two weights that differ/,
  ],
  [
    'an option offered twice',
    'sus',
    (it) => {
      optionOf(it, 'sus-2', 1).code = '1';
    },
    /sus-2 offers .*\|1 twice/,
  ],
  [
    'a reversed item that the key does not count',
    'wai-s-p',
    (it) => keyOf(it, 'score-task').extension!.push({ url: 'reversed', valueString: 'wai-4' }),
    /key of score-task reverses wai-4, which it does not count/,
  ],
  [
    'a key without its least number of answers',
    'gad-7',
    (it) => {
      const key = keyOf(it, 'score-total');
      key.extension = key.extension!.filter((ext) => ext.url !== 'minimum-answered');
    },
    /key of score-total lacks minimum-answered/,
  ],
  [
    'a scale without an upper end',
    'vas-app',
    (it) => {
      const item = itemOf(it, 'vas-1');
      item.extension = item.extension!.filter((ext) => !ext.url.endsWith('/maxValue'));
    },
    /vas-1 is scored and has neither weighted options nor bounds/,
  ],
  [
    'a rater that nobody knows',
    'phq-4',
    (it) => {
      it.extension!.find((ext) => ext.url === INSTRUMENT)!.extension!.find((ext) => ext.url === 'rater')!.valueCode =
        'nurse';
    },
    /rater is nurse, not one of patient, therapist/,
  ],
];

test.each(REFUSED)('%s is refused in words that name the place', (_, id, change, sentence) =>
  expect(() => readChanged(id, change)).toThrow(sentence),
);
