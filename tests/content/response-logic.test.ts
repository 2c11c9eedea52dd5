import { expect, test } from '@jest/globals';
import type { QuestionnaireItem, QuestionnaireItemEnableWhen, QuestionnaireResponseItem } from 'fhir/r4.js';
import { questionnaireOf, responseOf, validatorOf } from './fixtures.ts';

const DEPENDENT = "QuestionnaireResponse.item.where(linkId='then')";
const question = (
  linkId: string,
  type: QuestionnaireItem['type'],
  more: Partial<QuestionnaireItem> = {},
): QuestionnaireItem => ({ linkId, type, ...more });
const dependent = (...enableWhen: QuestionnaireItemEnableWhen[]) => question('then', 'string', { enableWhen });
const answered = (
  linkId: string,
  ...answer: NonNullable<QuestionnaireResponseItem['answer']>
): QuestionnaireResponseItem => ({ linkId, answer });
const then = answered('then', { valueString: 'x' });
const found = (items: QuestionnaireItem[], ...answers: QuestionnaireResponseItem[]) =>
  validatorOf(questionnaireOf(...items))(responseOf(...answers)).map(
    (it) => `${it.severity} ${it.reason} ${it.expression}`,
  );
const REFUSED = [`error not-enabled ${DEPENDENT}`];

const when = (
  operator: QuestionnaireItemEnableWhen['operator'],
  value: Partial<QuestionnaireItemEnableWhen>,
): QuestionnaireItemEnableWhen => ({ question: 'if', operator, ...value });

/** HL7 FHIR R4, Questionnaire.item.enableWhen.operator: each operator where it holds and where it does not. */
test.each([
  ['exists true', when('exists', { answerBoolean: true }), 'integer', { valueInteger: 1 }, true],
  ['exists false', when('exists', { answerBoolean: false }), 'integer', { valueInteger: 1 }, false],
  ['=', when('=', { answerInteger: 3 }), 'integer', { valueInteger: 3 }, true],
  ['= another', when('=', { answerInteger: 3 }), 'integer', { valueInteger: 4 }, false],
  ['!=', when('!=', { answerInteger: 3 }), 'integer', { valueInteger: 4 }, true],
  ['!= the same', when('!=', { answerInteger: 3 }), 'integer', { valueInteger: 3 }, false],
  ['>', when('>', { answerInteger: 3 }), 'integer', { valueInteger: 4 }, true],
  ['> at the limit', when('>', { answerInteger: 3 }), 'integer', { valueInteger: 3 }, false],
  ['<', when('<', { answerDecimal: 3.5 }), 'decimal', { valueDecimal: 3.4 }, true],
  ['< at the limit', when('<', { answerDecimal: 3.5 }), 'decimal', { valueDecimal: 3.5 }, false],
  ['>= at the limit', when('>=', { answerDate: '2024-05-01' }), 'date', { valueDate: '2024-05-01' }, true],
  ['>= before', when('>=', { answerDate: '2024-05-01' }), 'date', { valueDate: '2024-04-30' }, false],
  ['<= at the limit', when('<=', { answerInteger: 3 }), 'integer', { valueInteger: 3 }, true],
  ['<= above', when('<=', { answerInteger: 3 }), 'integer', { valueInteger: 4 }, false],
  [
    '= of a coding, system and code',
    when('=', { answerCoding: { system: 'urn:a', code: '1' } }),
    'choice',
    { valueCoding: { system: 'urn:a', code: '1', display: 'One' } },
    true,
  ],
  [
    '= of a coding of another system',
    when('=', { answerCoding: { system: 'urn:a', code: '1' } }),
    'choice',
    { valueCoding: { system: 'urn:b', code: '1' } },
    false,
  ],
  ['= of a boolean', when('=', { answerBoolean: true }), 'boolean', { valueBoolean: true }, true],
  ['= of the other boolean', when('=', { answerBoolean: true }), 'boolean', { valueBoolean: false }, false],
  [
    '= of the same instant in another zone',
    when('=', { answerDateTime: '2024-05-01T10:00:00Z' }),
    'dateTime',
    { valueDateTime: '2024-05-01T12:00:00+02:00' },
    true,
  ],
  [
    '> of a quantity in the same unit',
    when('>', { answerQuantity: { value: 5, code: 'kg' } }),
    'quantity',
    { valueQuantity: { value: 6, code: 'kg' } },
    true,
  ],
  [
    '> of a quantity in another unit',
    when('>', { answerQuantity: { value: 5, code: 'kg' } }),
    'quantity',
    { valueQuantity: { value: 6, code: 'g' } },
    false,
  ],
] as const)('enableWhen %s', (_title, condition, type, value, enabled) => {
  const items = [question('if', type), dependent(condition)];
  expect(found(items, answered('if', value), then)).toEqual(enabled ? [] : REFUSED);
  expect(found(items, answered('if', value))).toEqual([]);
});

test('without an answer to the question a dependent item is switched off, unless the condition is "not equal" or "does not exist"', () => {
  expect(found([question('if', 'integer'), dependent(when('=', { answerInteger: 1 }))], then)).toEqual(REFUSED);
  expect(found([question('if', 'integer'), dependent(when('exists', { answerBoolean: false }))], then)).toEqual([]);
  expect(found([question('if', 'integer'), dependent(when('!=', { answerInteger: 1 }))], then)).toEqual([]);
});

test('enableBehavior all needs every condition, any needs one', () => {
  const conditions = [when('>', { answerInteger: 2 }), when('<', { answerInteger: 5 })];
  const items = (enableBehavior: 'all' | 'any') => [
    question('if', 'integer'),
    question('then', 'string', { enableWhen: conditions, enableBehavior }),
  ];
  expect(found(items('all'), answered('if', { valueInteger: 3 }), then)).toEqual([]);
  expect(found(items('all'), answered('if', { valueInteger: 7 }), then)).toEqual(REFUSED);
  expect(found(items('any'), answered('if', { valueInteger: 7 }), then)).toEqual([]);
});

test('one of several answers is enough', () => {
  const items = [question('if', 'integer', { repeats: true }), dependent(when('=', { answerInteger: 2 }))];
  expect(found(items, answered('if', { valueInteger: 1 }, { valueInteger: 2 }), then)).toEqual([]);
});

test('in a repeating group each instance looks at its own question', () => {
  const group = question('g', 'group', {
    repeats: true,
    item: [question('if', 'integer'), dependent(when('=', { answerInteger: 1 }))],
  });
  const instance = (value: number): QuestionnaireResponseItem => ({
    linkId: 'g',
    item: [answered('if', { valueInteger: value }), then],
  });
  expect(found([group], instance(1), instance(2))).toEqual([
    "error not-enabled QuestionnaireResponse.item.where(linkId='g')[1].item.where(linkId='then')",
  ]);
});

test('a group that is switched off is named once, at the group', () => {
  const group = question('then', 'group', {
    enableWhen: [when('=', { answerInteger: 1 })],
    item: [question('a', 'string'), question('b', 'string')],
  });
  const answer: QuestionnaireResponseItem = {
    linkId: 'then',
    item: [answered('a', { valueString: 'x' }), answered('b', { valueString: 'x' })],
  };
  expect(found([question('if', 'integer'), group], answer)).toEqual(REFUSED);
  expect(found([question('if', 'integer'), group], { linkId: 'then', item: [{ linkId: 'a' }] })).toEqual([]);
});

test('a required question without an answer is a warning, never an error', () => {
  expect(found([question('a', 'string', { required: true })])).toEqual([
    "warning required-missing QuestionnaireResponse.item.where(linkId='a')",
  ]);
  expect(found([question('a', 'string', { required: true })], answered('a', { valueString: 'x' }))).toEqual([]);
});

test('a required question that is switched off, or stands in a group that is not there, is not missed', () => {
  expect(
    found([
      question('if', 'integer'),
      question('a', 'string', { required: true, enableWhen: [when('=', { answerInteger: 1 })] }),
    ]),
  ).toEqual([]);
  expect(found([question('g', 'group', { item: [question('a', 'string', { required: true })] })])).toEqual([]);
});

test('ten thousand instances of a group, each depending on a question elsewhere, are checked within two seconds', () => {
  const group = question('g', 'group', {
    repeats: true,
    item: [dependent({ question: 'elsewhere', operator: 'exists', answerBoolean: true })],
  });
  const instances = Array.from({ length: 10_000 }, (): QuestionnaireResponseItem => ({ linkId: 'g', item: [] }));
  const start = performance.now();
  expect(found([group, question('elsewhere', 'integer')], ...instances)).toEqual([]);
  expect(performance.now() - start).toBeLessThan(2000);
});
