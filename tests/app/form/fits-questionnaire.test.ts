import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Questionnaire, QuestionnaireResponse } from 'fhir/r4.js';
import { type Answer, answersTo, type Items, itemsAt, withAnswers } from '../../../src/app/form/render/answers.ts';
import { askedNow, handedIn } from '../../../src/app/form/render/enabled.ts';
import { NO_TERMINOLOGY } from '../../../src/content/answer-options.ts';
import { loadContent } from '../../../src/content/load.ts';
import type { LoadedContent } from '../../../src/content/port.ts';
import { compileValidator } from '../../../src/content/response-validator.ts';
import type { FormItem } from '../../../src/domain/view/form-item.ts';
import type { FormLanguage } from '../../../src/domain/view/form-view.ts';
import { renderForm } from '../../../src/pipeline/forms/render-form.ts';

let content: LoadedContent;
beforeAll(async () => {
  content = await loadContent({ shipped: join(import.meta.dirname, '../../..') });
});

/** Answers that the page can give to a question: an option, a place on the line, what a field reads. */
function possible(item: FormItem): fc.Arbitrary<readonly Answer[]> {
  if (item.options !== undefined && item.options.length > 0)
    return fc.constantFrom(...item.options.map((it): readonly Answer[] => [it.value]));
  const { low = 0, high = 9 } = item.slider ?? {};
  const [min, max] = [Number(item.min ?? low), Number(item.max ?? high)];
  switch (item.type) {
    case 'boolean':
      return fc.boolean().map((valueBoolean) => [{ valueBoolean }]);
    case 'integer':
      return fc.integer({ min, max }).map((valueInteger) => [{ valueInteger }]);
    case 'decimal':
      return fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => [{ valueDecimal: tenths / 10 }]);
    case 'date':
      return fc.constant([{ valueDate: '2026-03-04' }]);
    default:
      return fc.constantFrom([{ valueString: 'a' }], [{ valueString: '' }], []);
  }
}

/** Some of the questions answered, in any order, some of them twice over. */
function filledIn(form: readonly FormItem[]): fc.Arbitrary<Items> {
  const steps = fc.array(fc.tuple(fc.nat(), fc.infiniteStream(fc.nat(1_000))), { maxLength: 40 });
  return steps.map((all) => {
    let items: Items = [];
    for (const [at, choices] of all) {
      const asked = askedNow(form, items);
      const one = asked[at % asked.length];
      const seed = choices.next().value ?? 0;
      if (one === undefined) continue;
      const [answers = []] = fc.sample(possible(one.item), { numRuns: 1, seed });
      items = withAnswers(items, one.place, one.item.linkId, answers);
    }
    return items;
  });
}

const responseOf = (questionnaire: Questionnaire, items: QuestionnaireResponse['item']): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  questionnaire: `${questionnaire.url}|${questionnaire.version}`,
  ...(items === undefined || items.length === 0 ? {} : { item: items }),
});

describe('Whatever is answered on the page fits the Questionnaire', () => {
  test.each(['phq-9', 'phq-4', 'gad-7', 'sus', 'hads', 'vas-app', 'distress-thermometer', 'wai-s-p', 'wai-s-t'])(
    '%s, in every language, however few are answered',
    (id) => {
      const questionnaire = questionnaireOf(id);
      const resolved = content.resolve(`${questionnaire.url}|${questionnaire.version}`);
      if (resolved.kind !== 'known') throw new Error(`${id} is not known`);
      for (const asked of ['en', 'es', 'ca'] as const) {
        const form = rendered(questionnaire, asked, id);
        fc.assert(
          fc.property(filledIn(form), (items) => {
            const response = responseOf(questionnaire, handedIn(form, items));
            expect(resolved.form.validate(response).filter((it) => it.severity === 'error')).toEqual([]);
            const answered = askedNow(form, items).filter(
              ({ item, place }) => answersTo(itemsAt(items, place), item.linkId).length > 0,
            );
            const scored = answered.filter(({ item }) => item.linkId !== 'phq9-difficulty');
            expect(resolved.form.answers(response).size).toBe(scored.length);
          }),
          { numRuns: 40 },
        );
      }
    },
  );

  test('a hospital’s own form with questions that switch each other on and off', () => {
    const form = rendered(OWN, 'en', undefined);
    const validate = compileValidator({ questionnaire: OWN, terminology: NO_TERMINOLOGY, systemOptional: false });
    fc.assert(
      fc.property(filledIn(form), (items) => {
        const response = responseOf(OWN, handedIn(form, items));
        expect(validate(response).filter((it) => it.severity === 'error')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function questionnaireOf(id: string): Questionnaire {
  const found = content.resources.find((it) => it.resourceType === 'Questionnaire' && it.id === id);
  if (found?.resourceType !== 'Questionnaire') throw new Error(`no ${id}`);
  return found;
}

const rendered = (questionnaire: Questionnaire, asked: FormLanguage, id: string | undefined): readonly FormItem[] =>
  renderForm({
    questionnaire,
    asked,
    wording: id === undefined ? undefined : content.wording(id, asked),
    resources: content.resources,
  }).items;

const OWN: Questionnaire = {
  resourceType: 'Questionnaire',
  url: 'https://hospital.example/Questionnaire/own',
  version: '1',
  status: 'active',
  item: [
    { linkId: 'pain', type: 'boolean', text: 'Any pain?' },
    {
      linkId: 'where',
      type: 'group',
      enableWhen: [{ question: 'pain', operator: '=', answerBoolean: true }],
      item: [
        { linkId: 'how-much', type: 'integer', text: 'How much?', extension: bounds(0, 10) },
        {
          linkId: 'what-for',
          type: 'choice',
          answerOption: [
            { valueCoding: { system: 'urn:x', code: 'a' } },
            { valueCoding: { system: 'urn:x', code: 'b' } },
          ],
          enableWhen: [{ question: 'how-much', operator: '>', answerInteger: 4 }],
          item: [{ linkId: 'which', type: 'string' }],
        },
      ],
    },
    {
      linkId: 'since',
      type: 'date',
      enableWhen: [
        { question: 'how-much', operator: 'exists', answerBoolean: true },
        { question: 'what-for', operator: '=', answerCoding: { system: 'urn:x', code: 'b' } },
      ],
      enableBehavior: 'all',
    },
    { linkId: 'weight', type: 'decimal', extension: bounds(1, 9) },
  ],
};

function bounds(low: number, high: number) {
  return [
    { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueInteger: low },
    { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueInteger: high },
  ];
}
