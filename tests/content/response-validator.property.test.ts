import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { QuestionnaireItem, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { questionnaireOf, responseOf, validatorOf } from './fixtures.ts';

const R4 = 'http://hl7.org/fhir/StructureDefinition/';
type Made = { readonly item: QuestionnaireItem; readonly answer: fc.Arbitrary<QuestionnaireResponseItemAnswer> };

/** A question of some type with the answers it takes. */
const question = (linkId: string): fc.Arbitrary<Made> =>
  fc.oneof(
    fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(100)).map(
      ([low, width]): Made => ({
        item: {
          linkId,
          type: 'integer',
          extension: [
            { url: `${R4}minValue`, valueInteger: low },
            { url: `${R4}maxValue`, valueInteger: low + width },
          ],
        },
        answer: fc.integer({ min: low, max: low + width }).map((valueInteger) => ({ valueInteger })),
      }),
    ),
    fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 9 }).map(
      (codes): Made => ({
        item: {
          linkId,
          type: 'choice',
          answerOption: codes.map((code) => ({ valueCoding: { system: 'urn:s', code } })),
        },
        answer: fc.constantFrom(...codes).map((code) => ({ valueCoding: { system: 'urn:s', code } })),
      }),
    ),
    fc.integer({ min: 1, max: 20 }).map(
      (maxLength): Made => ({
        item: { linkId, type: 'string', maxLength },
        answer: fc.string({ maxLength }).map((valueString) => ({ valueString })),
      }),
    ),
    fc.constant<Made>({
      item: { linkId, type: 'boolean' },
      answer: fc.boolean().map((valueBoolean) => ({ valueBoolean })),
    }),
  );

interface Case {
  readonly items: QuestionnaireItem[];
  readonly answers: QuestionnaireResponseItem[];
}

/** A questionnaire of questions and groups three deep, and a response to it with some answers left out. */
const forest = (depth: number, prefix: string): fc.Arbitrary<Case> =>
  fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }).chain((kinds) => {
    const parts = kinds.map((isGroup, index): fc.Arbitrary<Case> => {
      const linkId = `${prefix}${index}`;
      if (isGroup && depth > 0)
        return forest(depth - 1, `${linkId}.`).map(({ items, answers }) => ({
          items: [{ linkId, type: 'group', item: items }],
          answers: [{ linkId, item: answers }],
        }));
      return question(linkId).chain(({ item, answer }) =>
        fc
          .option(answer, { nil: undefined, freq: 4 })
          .map((given) => ({ items: [item], answers: given === undefined ? [] : [{ linkId, answer: [given] }] })),
      );
    });
    return fc
      .tuple(...parts)
      .map((made) => ({ items: made.flatMap((it) => it.items), answers: made.flatMap((it) => it.answers) }));
  });

const flat = (items: readonly QuestionnaireResponseItem[]): QuestionnaireResponseItem[] =>
  items.flatMap((it) => [it, ...flat(it.item ?? [])]);
const cases = forest(2, 'q');

test('whatever the questionnaire, a response with answers it offers, or without some, has nothing wrong with it', () => {
  fc.assert(
    fc.property(cases, ({ items, answers }) => {
      expect(validatorOf(questionnaireOf(...items))(responseOf(...answers))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

/** One way to spoil one answered item; returns the linkId that the report must name. */
const SPOIL: Readonly<Record<string, (it: QuestionnaireResponseItem) => string>> = {
  'another type': (it) => {
    it.answer = [{ valueAttachment: { title: 'x' } }];
    return it.linkId;
  },
  'two answers': (it) => {
    it.answer = [...(it.answer ?? []), ...(it.answer ?? [])];
    return it.linkId;
  },
  'an answer that is none': (it) => {
    it.answer = [3 as unknown as QuestionnaireResponseItemAnswer];
    return it.linkId;
  },
  'a value beyond the question': (it) => {
    const [given] = it.answer ?? [];
    if (given?.valueInteger !== undefined) it.answer = [{ valueInteger: 1000 }];
    else if (given?.valueCoding !== undefined) it.answer = [{ valueCoding: { system: 'urn:s', code: 'not offered' } }];
    else if (given?.valueString !== undefined) it.answer = [{ valueString: 'x'.repeat(21) }];
    else it.answer = [{ valueBoolean: 'yes' as unknown as boolean }];
    return it.linkId;
  },
  'an unknown linkId': (it) => {
    it.linkId = `${it.linkId}-unknown`;
    return it.linkId;
  },
  'items below it': (it) => {
    it.item = [{ linkId: 'x' }];
    return it.linkId;
  },
};

test.each(Object.entries(SPOIL))('%s in any one place is refused, and the place is named', (_title, spoil) => {
  fc.assert(
    fc.property(cases, fc.nat(), ({ items, answers }, at) => {
      const copy = structuredClone(answers);
      const answered = flat(copy).filter((it) => it.answer !== undefined);
      fc.pre(answered.length > 0);
      const linkId = spoil(answered[at % answered.length]!);
      const issues = validatorOf(questionnaireOf(...items))(responseOf(...copy));
      expect(issues.length).toBeGreaterThan(0);
      for (const issue of issues)
        expect([issue.severity, issue.expression?.includes(`where(linkId='${linkId}')`)]).toEqual(['error', true]);
    }),
    { numRuns: 60 },
  );
});

test('an item that stands twice is refused wherever it stands', () => {
  fc.assert(
    fc.property(cases, fc.nat(), ({ items, answers }, at) => {
      const copy = structuredClone(answers);
      const lists = [copy, ...flat(copy).flatMap((it) => (it.item === undefined ? [] : [it.item]))].filter(
        (list) => list.length > 0,
      );
      fc.pre(lists.length > 0);
      const list = lists[at % lists.length]!;
      list.push(structuredClone(list[0]!));
      const issues = validatorOf(questionnaireOf(...items))(responseOf(...copy));
      expect(issues.map((it) => it.reason)).toEqual(['repeated-item']);
      expect(issues[0]!.expression?.endsWith(`where(linkId='${list[0]!.linkId}')[1]`)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
