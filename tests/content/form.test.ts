import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from 'fhir/r4.js';
import { NO_TERMINOLOGY } from '../../src/content/answer-options.ts';
import { type Binding, bindForm, declaredForm, refusedForm } from '../../src/content/bind.ts';
import type { Equivalence } from '../../src/content/equivalence.ts';
import { ownForm } from '../../src/content/own-form.ts';
import type { Form } from '../../src/content/port.ts';
import { ValidatorCache } from '../../src/content/response-validator.ts';
import { checkScoring } from '../../src/content/scoring-check.ts';
import type { Issue } from '../../src/domain/outcome.ts';
import { readInstrument } from '../../src/domain/read-instrument.ts';

const LOINC = 'http://loinc.org';
const THEIRS = 'https://example.org/Questionnaire/feelings';
const readBase = (id: string): Questionnaire =>
  JSON.parse(readFileSync(new URL(`base/questionnaires/Questionnaire-${id}.json`, import.meta.url), 'utf8'));
const mood = readBase('mood');
const instrument = readInstrument(mood)!;

const CODES = { 'm-1': '69725-0', 'm-2': '68509-9' };
const declared: Equivalence = {
  file: 'questionnaires/equivalences/clinic.json',
  instrument: 'mood',
  questionnaires: [THEIRS, 'Questionnaire/feelings'],
  items: Object.entries(CODES).map(([item, code]) => ({ item, linkIds: [], codes: [{ system: LOINC, code }] })),
  options: [{ system: undefined, code: 'never', value: 0 }],
  scores: [],
  refuse: undefined,
};
const binding = (equivalence: Equivalence = declared): Binding => ({
  instrument,
  equivalence,
  codes: new Map(),
  terminology: NO_TERMINOLOGY,
  validators: new ValidatorCache(10),
  baseUrl: undefined,
});

/** LL358-3 by its LOINC answer codes, 0 to 3. */
const LL358 = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
const loincOptions = LL358.map((code) => ({ valueCoding: { system: LOINC, code } }));
const item = (linkId: string, code: string, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({
  linkId,
  type: 'choice',
  code: [{ system: LOINC, code }],
  answerOption: loincOptions,
  ...more,
});
const theirs = (...items: QuestionnaireItem[]): Questionnaire => ({
  resourceType: 'Questionnaire',
  url: THEIRS,
  version: '3',
  status: 'active',
  item: items,
});
const response = (...items: QuestionnaireResponseItem[]): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  questionnaire: THEIRS,
  item: items,
});
const coded = (linkId: string, code: string, system?: string): QuestionnaireResponseItem => ({
  linkId,
  answer: [{ valueCoding: { code, ...(system === undefined ? {} : { system }) } }],
});
const bound = (questionnaire: Questionnaire, equivalence?: Equivalence): Form => {
  const form = bindForm(questionnaire, binding(equivalence));
  if (!('validate' in form)) throw new Error(JSON.stringify(form));
  return form;
};
const reasons = (issues: Form | readonly Issue[]): string[] =>
  'validate' in issues ? ['bound'] : issues.map((it) => it.reason);

test('our own form reads each answer by its weight and states which totals the response carries', () => {
  const form = ownForm(mood, instrument);
  const answers = response(coded('m-1', 'LA6571-9', LOINC), coded('m-2', 'LA6569-3', LOINC), {
    linkId: 'score-total',
    answer: [{ valueDecimal: 5 }],
  });
  expect(form.validate({ ...answers, questionnaire: `${mood.url}|1.0.0` })).toEqual([]);
  expect([...form.answers(answers)]).toEqual([
    ['m-1', 3],
    ['m-2', 1],
  ]);
  expect([...form.storedScores(answers)]).toEqual([['total', 5]]);
});

test('our own form does not read a coding of another system, or without one', () => {
  const form = ownForm(mood, instrument);
  for (const system of ['urn:other', undefined]) {
    const answers = { ...response(coded('m-1', 'LA6571-9', system)), questionnaire: `${mood.url}|1.0.0` };
    expect(form.validate(answers).map((it) => it.reason)).toEqual(['not-an-option']);
    expect([...form.answers(answers)]).toEqual([]);
  }
});

test('a response that names another version than the form is refused by it', () => {
  const form = ownForm(mood, instrument);
  const of = (questionnaire: string) =>
    form.validate({ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire }).map((it) => it.reason);
  expect(of(`${mood.url}|1.0.0`)).toEqual([]);
  expect(of(`${mood.url}`)).toEqual([]);
  expect(of('Questionnaire/mood')).toEqual([]);
  expect(of(`${mood.url}|2.0.0`)).toEqual(['other-questionnaire']);
  expect(of('https://example.org/Questionnaire/else')).toEqual(['other-questionnaire']);
});

test('a refused response is still read as far as it can be, whatever stands in it', () => {
  const form = ownForm(mood, instrument);
  const broken = response(
    null as unknown as QuestionnaireResponseItem,
    { linkId: 'm-1', answer: [null as unknown as QuestionnaireResponseItemAnswer] },
    { linkId: 'm-1', answer: 3 as unknown as [] },
    coded('m-2', 'LA6570-1', LOINC),
  );
  expect([...form.answers(broken)]).toEqual([['m-2', 2]]);
  expect([...form.storedScores({ ...broken, item: 'x' as unknown as [] })]).toEqual([]);
});

test('another publisher’s form is bound by its item codes, in groups too, and read with or without a system', () => {
  const form = bound(
    theirs({ linkId: 'g', type: 'group', item: [item('/69725-0', CODES['m-1']), item('/68509-9', CODES['m-2'])] }),
  );
  expect([form.canonical, form.equivalent]).toEqual([`${THEIRS}|3`, true]);
  for (const system of [LOINC, undefined]) {
    const answers = response({
      linkId: 'g',
      item: [coded('/69725-0', 'LA6570-1', system), coded('/68509-9', 'LA6568-5', system)],
    });
    expect(form.validate(answers)).toEqual([]);
    expect([...form.answers(answers)]).toEqual([
      ['m-1', 2],
      ['m-2', 0],
    ]);
  }
});

test('an unmet "required" of another publisher is reported and does not refuse', () => {
  const form = bound(theirs(item('a', CODES['m-1'], { required: true }), item('b', CODES['m-2'])));
  expect(form.validate(response(coded('b', 'LA6568-5'))).map((it) => [it.severity, it.reason])).toEqual([
    ['warning', 'required-missing'],
  ]);
});

test('local codes are read by the publisher’s weights where these are exactly the raw values of the item', () => {
  const weighted = (weights: readonly number[]) =>
    weights.map((valueDecimal, index) => ({
      valueCoding: { system: 'urn:local', code: `c${index}` },
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal }],
    }));
  const form = (weights: readonly number[]) =>
    bindForm(theirs(item('a', CODES['m-1'], { answerOption: weighted(weights) }), item('b', CODES['m-2'])), binding());
  const right = form([0, 1, 2, 3]);
  expect('answers' in right ? [...right.answers(response(coded('a', 'c2', 'urn:local')))] : right).toEqual([
    ['m-1', 2],
  ]);
  expect(reasons(form([1, 2, 3, 4]))).toEqual(['options-differ']);
  expect(reasons(form([0, 1, 2]))).toEqual(['options-differ']);
});

test('a weight that contradicts the code refuses the form: nobody can tell which is meant', () => {
  const reversed = LL358.map((code, index) => ({
    valueCoding: { system: LOINC, code },
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/itemWeight', valueDecimal: 3 - index }],
  }));
  expect(
    reasons(bindForm(theirs(item('a', CODES['m-1'], { answerOption: reversed }), item('b', CODES['m-2'])), binding())),
  ).toEqual(['options-differ']);
});

test('a form of numbers is read by the numbers, and one out of range is not an answer', () => {
  const form = bound(theirs(item('a', CODES['m-1'], { type: 'integer', answerOption: [] }), item('b', CODES['m-2'])));
  expect([...form.answers(response({ linkId: 'a', answer: [{ valueInteger: 3 }] }))]).toEqual([['m-1', 3]]);
  const beyond = response({ linkId: 'a', answer: [{ valueInteger: 4 }] });
  expect(form.validate(beyond).map((it) => [it.reason, it.expression])).toEqual([
    ['unmapped-answer', "QuestionnaireResponse.item.where(linkId='a').answer[0].value"],
  ]);
  expect([...form.answers(beyond)]).toEqual([]);
});

test('a form that lacks an item, or has it twice, or asks it otherwise, is refused in words that name the item', () => {
  const lacking = bindForm(theirs(item('a', CODES['m-1'])), binding());
  expect(lacking).toMatchObject([
    {
      reason: 'item-not-found',
      diagnostics: 'The form has no question for m-2 (68509-9): it is not the whole instrument.',
    },
  ]);
  expect(
    reasons(bindForm(theirs(item('a', CODES['m-1']), item('a2', CODES['m-1']), item('b', CODES['m-2'])), binding())),
  ).toEqual(['item-ambiguous']);
  expect(
    reasons(bindForm(theirs(item('a', CODES['m-1'], { type: 'boolean' }), item('b', CODES['m-2'])), binding())),
  ).toEqual(['options-differ']);
});

test('a questionnaire nested without end, or with a linkId twice, is not bound', () => {
  let deep = item('x', CODES['m-1']);
  for (let depth = 0; depth < 200; depth += 1) deep = { linkId: `g${depth}`, type: 'group', item: [deep] };
  expect(reasons(bindForm(theirs(deep), binding()))).toEqual(['too-deep']);
  expect(reasons(bindForm(theirs(item('a', CODES['m-1']), item('a', CODES['m-2'])), binding()))).toEqual([
    'duplicate-linkid',
  ]);
});

test('linkIds that a publisher’s responses use beside those of its own questionnaire are declared, and read', () => {
  const aliased: Equivalence = {
    ...declared,
    items: declared.items.map((it, index) => ({ ...it, linkIds: [`F.${index + 1}`] })),
    scores: [{ measure: 'total', linkIds: ['F.Score'] }],
  };
  const answers = response(coded('F.1', 'LA6571-9'), coded('F.2', 'LA6571-9'), {
    linkId: 'F.Score',
    answer: [{ valueQuantity: { value: 6 } }],
  });
  for (const form of [
    bound(theirs(item('FORM-1', CODES['m-1']), item('FORM-2', CODES['m-2'])), aliased),
    declaredForm({ ...binding(aliased) }),
  ]) {
    expect(form.validate(answers)).toEqual([]);
    expect([...form.answers(answers)]).toEqual([
      ['m-1', 3],
      ['m-2', 3],
    ]);
    expect([...form.storedScores(answers)]).toEqual([['total', 6]]);
  }
});

test('the same question answered under two names is ambiguous and refused', () => {
  const aliased: Equivalence = {
    ...declared,
    items: declared.items.map((it, index) => ({ ...it, linkIds: [`F.${index + 1}`] })),
  };
  const form = bound(theirs(item('FORM-1', CODES['m-1']), item('FORM-2', CODES['m-2'])), aliased);
  expect(form.validate(response(coded('F.1', 'LA6571-9'), coded('FORM-1', 'LA6568-5'))).map((it) => it.reason)).toEqual(
    ['ambiguous-item'],
  );
});

test('a declared answer without a system is read, and one that was not declared is refused in words', () => {
  const form = declaredForm(
    binding({ ...declared, items: declared.items.map((it) => ({ ...it, linkIds: [it.item] })) }),
  );
  expect([...form.answers(response(coded('m-1', 'never')))]).toEqual([['m-1', 0]]);
  expect(form.validate(response(coded('m-1', 'sometimes')))).toMatchObject([
    { severity: 'error', reason: 'unmapped-answer' },
  ]);
});

test('a form that content says is not to be scored refuses every response with the declared reason', () => {
  const form = refusedForm(binding({ ...declared, refuse: 'This form asks about four weeks, not two.' }));
  expect(form.validate(response())).toMatchObject([
    { severity: 'error', reason: 'form-refused', diagnostics: 'This form asks about four weeks, not two.' },
  ]);
});

test('a scoring that sums whatever is answered is found out', () => {
  const issues: Issue[] = [];
  checkScoring(instrument, (answers) => [...answers.values()].reduce((sum, it) => sum + it, 0), 'file', issues);
  expect(issues.map((it) => it.reason)).toEqual(['score-without-answers', 'score-of-too-few']);
});
