import { expect, test } from '@jest/globals';
import type { QuestionnaireItem, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { ValidatorCache } from '../../src/content/response-validator.ts';
import {
  FREQUENCY,
  frequency,
  frequencyItem,
  questionnaireOf,
  responseOf,
  sourceOf,
  twelveAnswers,
  twelveItems,
  validatorOf,
} from './fixtures.ts';

const R4 = 'http://hl7.org/fhir/StructureDefinition/';
const validate = (items: readonly QuestionnaireItem[], ...answers: QuestionnaireResponseItem[]) =>
  validatorOf(questionnaireOf(...items))(responseOf(...answers));
/** Reason and place of each issue. */
const found = (items: readonly QuestionnaireItem[], ...answers: QuestionnaireResponseItem[]) =>
  validate(items, ...answers).map((it) => `${it.severity} ${it.reason} ${it.expression}`);
const malformed = (item: unknown): QuestionnaireResponseItem => item as QuestionnaireResponseItem;

test('twelve answers out of the seven offered have nothing wrong with them', () => {
  expect(validatorOf(twelveItems)(twelveAnswers)).toEqual([]);
});

test('a response without any answer is not refused: missing is a value', () => {
  expect(validatorOf(twelveItems)(responseOf())).toEqual([]);
  expect(found([frequencyItem('a')], { linkId: 'a' })).toEqual([]);
  expect(
    found([frequencyItem('a')], {
      linkId: 'a',
      answer: [{ extension: [{ url: `${R4}data-absent-reason`, valueCode: 'asked-declined' }] }],
    }),
  ).toEqual([]);
});

const NUMBER: QuestionnaireItem = {
  linkId: 'n',
  type: 'integer',
  extension: [
    { url: `${R4}minValue`, valueInteger: 0 },
    { url: `${R4}maxValue`, valueInteger: 100 },
  ],
};
const DECIMAL: QuestionnaireItem = {
  linkId: 'n',
  type: 'decimal',
  extension: [{ url: `${R4}maxDecimalPlaces`, valueInteger: 1 }],
};
const TEXT: QuestionnaireItem = {
  linkId: 'n',
  type: 'string',
  maxLength: 3,
  extension: [{ url: `${R4}minLength`, valueInteger: 2 }],
};
const DATE: QuestionnaireItem = {
  linkId: 'n',
  type: 'date',
  extension: [
    { url: `${R4}minValue`, valueDate: '2024-01-01' },
    { url: `${R4}maxValue`, valueDate: '2024-12-31' },
  ],
};
const VALUE = "QuestionnaireResponse.item.where(linkId='n').answer[0].value";
const INTEGERS: QuestionnaireItem = {
  linkId: 'n',
  type: 'choice',
  answerOption: [{ valueInteger: 0 }, { valueInteger: 1 }],
};
const STRINGS: QuestionnaireItem = {
  linkId: 'n',
  type: 'choice',
  answerOption: [{ valueString: 'yes' }, { valueString: 'no' }],
};
const OPEN: QuestionnaireItem = {
  linkId: 'n',
  type: 'open-choice',
  answerOption: [{ valueCoding: { system: FREQUENCY, code: '1' } }],
};
const TWO_SYSTEMS: QuestionnaireItem = {
  linkId: 'n',
  type: 'choice',
  answerOption: [{ valueCoding: { system: 'urn:a', code: '1' } }, { valueCoding: { system: 'urn:b', code: '2' } }],
};
const one = (value: object): QuestionnaireResponseItem => malformed({ linkId: 'n', answer: [value] });

test.each([
  ['an integer at the lower bound', NUMBER, { valueInteger: 0 }, []],
  ['an integer at the upper bound', NUMBER, { valueInteger: 100 }, []],
  ['an integer below the range', NUMBER, { valueInteger: -1 }, ['out-of-range']],
  ['an integer above the range', NUMBER, { valueInteger: 101 }, ['out-of-range']],
  ['a decimal for an integer', NUMBER, { valueDecimal: 3 }, ['wrong-type']],
  ['a fraction as an integer', NUMBER, { valueInteger: 3.5 }, ['wrong-type']],
  ['a number written as text', NUMBER, { valueInteger: '3' }, ['wrong-type']],
  ['a decimal with as many places as allowed', DECIMAL, { valueDecimal: 1.5 }, []],
  ['a decimal with too many places', DECIMAL, { valueDecimal: 1.25 }, ['too-many-decimals']],
  ['a small decimal in exponent notation', DECIMAL, { valueDecimal: 1e-7 }, ['too-many-decimals']],
  ['a text as long as allowed', TEXT, { valueString: 'abc' }, []],
  ['a text that is too long', TEXT, { valueString: 'abcd' }, ['wrong-length']],
  ['a text that is too short', TEXT, { valueString: 'a' }, ['wrong-length']],
  ['a date within the period', DATE, { valueDate: '2024-05' }, []],
  ['a date after the period', DATE, { valueDate: '2025-01-01' }, ['out-of-range']],
  ['a date that is none', DATE, { valueDate: '2024-06-1x' }, ['wrong-type']],
  ['a listed integer', INTEGERS, { valueInteger: 1 }, []],
  ['an integer that is not listed', INTEGERS, { valueInteger: 2 }, ['not-an-option']],
  ['a listed text', STRINGS, { valueString: 'yes' }, []],
  ['a text that is not listed, closed', STRINGS, { valueString: 'maybe' }, ['not-an-option']],
  ['a text that is not listed, open', OPEN, { valueString: 'maybe' }, []],
  ['a listed coding, open', OPEN, { valueCoding: { system: FREQUENCY, code: '1' } }, []],
  ['a coding that is not listed, open', OPEN, { valueCoding: { system: FREQUENCY, code: '9' } }, ['not-an-option']],
  [
    'both a coding and a text, open',
    OPEN,
    { valueCoding: { system: FREQUENCY, code: '1' }, valueString: 'x' },
    ['wrong-type'],
  ],
  ['a coding of the second system', TWO_SYSTEMS, { valueCoding: { system: 'urn:b', code: '2' } }, []],
  ['a code under the other system', TWO_SYSTEMS, { valueCoding: { system: 'urn:a', code: '2' } }, ['not-an-option']],
  ['a coding without a code', TWO_SYSTEMS, { valueCoding: { display: 'often' } }, ['not-an-option']],
  ['a coding that is null', TWO_SYSTEMS, { valueCoding: null }, ['wrong-type']],
])('%s', (_title, item, value, reasons) => {
  const issues = validate([item], one(value));
  expect(issues.map((it) => it.reason)).toEqual(reasons);
  for (const issue of issues)
    expect(issue.expression?.startsWith("QuestionnaireResponse.item.where(linkId='n').answer[0]")).toBe(true);
});

test('an answer out of range is named by its linkId, down to the value', () => {
  expect(found([NUMBER], one({ valueInteger: 101 }))).toEqual([`error out-of-range ${VALUE}`]);
});

const TYPES: readonly (readonly [QuestionnaireItem['type'], object])[] = [
  ['boolean', { valueBoolean: true }],
  ['decimal', { valueDecimal: 1.5 }],
  ['integer', { valueInteger: 1 }],
  ['date', { valueDate: '2024-02-03' }],
  ['dateTime', { valueDateTime: '2024-02-03T10:00:00+01:00' }],
  ['time', { valueTime: '10:00:00' }],
  ['string', { valueString: 'x' }],
  ['text', { valueString: 'x y' }],
  ['url', { valueUri: 'https://example.org/' }],
  ['attachment', { valueAttachment: { url: 'https://example.org/' } }],
  ['reference', { valueReference: { reference: 'Practitioner/1' } }],
  ['quantity', { valueQuantity: { value: 1 } }],
  ['choice', { valueCoding: { code: 'x' } }],
  ['open-choice', { valueCoding: { code: 'x' } }],
];

test.each(TYPES)('a question of type %s takes an answer of its own type and no other', (type, own) => {
  expect(validate([{ linkId: 'n', type }], one(own))).toEqual([]);
  const [name] = Object.keys(own);
  for (const [, other] of TYPES) {
    if (Object.keys(other)[0] === name || (type === 'open-choice' && 'valueString' in other)) continue;
    expect(validate([{ linkId: 'n', type }], one(other)).map((it) => it.reason)).toEqual(['wrong-type']);
  }
});

test('a display and a group take no answer, a question without sub-questions takes no items', () => {
  const answer = { answer: [{ valueString: 'x' }] };
  expect(found([{ linkId: 'd', type: 'display' }], { linkId: 'd', ...answer })).toEqual([
    "error answer-without-question QuestionnaireResponse.item.where(linkId='d').answer",
  ]);
  expect(found([{ linkId: 'g', type: 'group', item: [frequencyItem('a')] }], { linkId: 'g', ...answer })).toEqual([
    "error answer-without-question QuestionnaireResponse.item.where(linkId='g').answer",
  ]);
  expect(found([frequencyItem('a')], { linkId: 'a', item: [frequency('b', '1')] })).toEqual([
    "error misplaced-item QuestionnaireResponse.item.where(linkId='a').item",
  ]);
});

test('an item that the questionnaire does not have is named', () => {
  expect(found([frequencyItem('a')], frequency('b', '1'))).toEqual([
    "error unknown-item QuestionnaireResponse.item.where(linkId='b')",
  ]);
});

test('an item answered at another level than the questionnaire has it is unknown there', () => {
  const group: QuestionnaireItem = { linkId: 'g', type: 'group', item: [frequencyItem('a')] };
  expect(found([group], frequency('a', '1'))).toEqual([
    "error unknown-item QuestionnaireResponse.item.where(linkId='a')",
  ]);
});

test('a question that stands twice, or has two answers, is refused; one that repeats is not', () => {
  expect(found([frequencyItem('a')], frequency('a', '1'), frequency('a', '1'))).toEqual([
    "error repeated-item QuestionnaireResponse.item.where(linkId='a')[1]",
  ]);
  const twice = { linkId: 'a', answer: [...frequency('a', '1').answer, ...frequency('a', '2').answer] };
  expect(found([frequencyItem('a')], twice)).toEqual([
    "error repeated-answer QuestionnaireResponse.item.where(linkId='a').answer",
  ]);
  expect(found([{ ...frequencyItem('a'), repeats: true }], twice)).toEqual([]);
  expect(
    found(
      [{ ...frequencyItem('a'), repeats: true, extension: [{ url: `${R4}questionnaire-maxOccurs`, valueInteger: 1 }] }],
      twice,
    ),
  ).toEqual(["error repeated-answer QuestionnaireResponse.item.where(linkId='a').answer"]);
});

test('a repeating group stands several times, and a fault in the second is named there', () => {
  const group: QuestionnaireItem = { linkId: 'g', type: 'group', repeats: true, item: [frequencyItem('a')] };
  const at = (code: string) => ({ linkId: 'g', item: [frequency('a', code)] });
  expect(found([group], at('1'), at('2'))).toEqual([]);
  expect(found([group], at('1'), at('9'))).toEqual([
    "error not-an-option QuestionnaireResponse.item.where(linkId='g')[1].item.where(linkId='a').answer[0].value",
  ]);
  expect(found([{ ...group, repeats: false }], at('1'), at('2'))).toEqual([
    "error repeated-item QuestionnaireResponse.item.where(linkId='g')[1]",
  ]);
});

test('questions under an answer are checked where they stand', () => {
  const item: QuestionnaireItem = { linkId: 'a', type: 'boolean', item: [frequencyItem('b')] };
  const under = (code: string) =>
    malformed({ linkId: 'a', answer: [{ valueBoolean: true, item: [frequency('b', code)] }] });
  expect(found([item], under('1'))).toEqual([]);
  expect(found([item], under('8'))).toEqual([
    "error not-an-option QuestionnaireResponse.item.where(linkId='a').answer[0].item.where(linkId='b').answer[0].value",
  ]);
});

test('what is no item, or an answer that is no object, is refused and does not break the check', () => {
  for (const broken of [null, 3, 'x', [], {}, { linkId: 4 }])
    expect(found([frequencyItem('a')], malformed(broken))).toEqual([
      'error item-without-linkid QuestionnaireResponse.item[0]',
    ]);
  for (const answer of [null, 3, {}, 'x'])
    expect(validate([frequencyItem('a')], malformed({ linkId: 'a', answer }))).not.toEqual([]);
  expect(found([frequencyItem('a')], malformed({ linkId: 'a', answer: [null] }))).toEqual([
    "error wrong-type QuestionnaireResponse.item.where(linkId='a').answer[0]",
  ]);
  expect(validatorOf(twelveItems)({ ...twelveAnswers, item: 'x' } as unknown as QuestionnaireResponse)).not.toEqual([]);
});

test('a modifier extension is not understood, so the response is refused', () => {
  const modifierExtension = [{ url: 'https://example.org/negated', valueBoolean: true }];
  expect(found([frequencyItem('a')], malformed({ ...frequency('a', '1'), modifierExtension }))).toEqual([
    "error modifier-extension QuestionnaireResponse.item.where(linkId='a').modifierExtension",
  ]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the linkId %s is a linkId like any other',
  (linkId) => {
    const parsed = JSON.parse(
      `{"linkId":"${linkId}","answer":[{"valueCoding":{"system":"${FREQUENCY}","code":"1"}}]}`,
    ) as QuestionnaireResponseItem;
    expect(found([frequencyItem(linkId)], parsed)).toEqual([]);
    expect(found([frequencyItem('a')], parsed)).toEqual([
      `error unknown-item QuestionnaireResponse.item.where(linkId='${linkId}')`,
    ]);
  },
);

test('a quote in a linkId stays inside the expression', () => {
  expect(found([frequencyItem('a')], frequency("x') or ('1'='1", '1'))).toEqual([
    "error unknown-item QuestionnaireResponse.item.where(linkId='x\\') or (\\'1\\'=\\'1')",
  ]);
});

test('many wrong items are all found, up to a hundred, and each once', () => {
  const many = Array.from({ length: 300 }, (_, index) => frequency(`x-${index}`, '1'));
  expect(validate([frequencyItem('a')], ...many)).toHaveLength(100);
  expect(found([frequencyItem('a'), frequencyItem('b')], frequency('a', '8'), frequency('b', '9'))).toEqual([
    "error not-an-option QuestionnaireResponse.item.where(linkId='a').answer[0].value",
    "error not-an-option QuestionnaireResponse.item.where(linkId='b').answer[0].value",
  ]);
});

test('a response of 5 MB, of a hundred thousand items or nested ten thousand deep is refused within a second', () => {
  const validator = validatorOf(twelveItems);
  const wide = responseOf(...Array.from({ length: 100_000 }, (_, index) => frequency(`x-${index}`, '1')));
  let deep: QuestionnaireResponseItem = { linkId: 'q-1' };
  for (let depth = 0; depth < 10_000; depth += 1) deep = { linkId: 'q-1', item: [deep] };
  const long = responseOf({ linkId: 'x'.repeat(5_000_000) });
  const start = performance.now();
  for (const response of [wide, responseOf(deep), long]) expect(validator(response).length).toBeGreaterThan(0);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(validator(long)[0]?.expression?.length).toBeLessThan(200);
});

test('the same questionnaire is compiled once, and the cache holds no more than it may', () => {
  const cache = new ValidatorCache(2);
  const form = (name: string) => questionnaireOf(frequencyItem(name));
  expect(cache.validatorOf(sourceOf(form('a')))).toBe(cache.validatorOf(sourceOf(form('a'))));
  for (const name of ['b', 'c', 'd']) cache.validatorOf(sourceOf(form(name)));
  expect(cache.counts).toEqual({ held: 2, compiled: 4 });
});

test('a form of a thousand different questions is checked, and a repeated one among them found', () => {
  const items = Array.from(
    { length: 1000 },
    (_, index): QuestionnaireItem => ({ linkId: `i-${index}`, type: 'string', maxLength: index + 1 }),
  );
  const answers = items.map(({ linkId }) => ({ linkId, answer: [{ valueString: 'x' }] }));
  expect(validate(items, ...answers)).toEqual([]);
  expect(found(items, ...answers, { linkId: 'i-999' })).toEqual([
    "error repeated-item QuestionnaireResponse.item.where(linkId='i-999')[1]",
  ]);
  expect(found(items, { linkId: 'i-0', answer: [{ valueString: 'xx' }] })).toEqual([
    "error wrong-length QuestionnaireResponse.item.where(linkId='i-0').answer[0].value",
  ]);
});
