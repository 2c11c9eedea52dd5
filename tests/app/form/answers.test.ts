import { describe, expect, test } from '@jest/globals';
import {
  answersTo,
  type Items,
  itemsAt,
  withAnswers,
  withGroup,
  withoutGroup,
} from '../../../src/app/form/render/answers.ts';
import { handedIn } from '../../../src/app/form/render/enabled.ts';
import { readNumber } from '../../../src/app/form/render/numbers.ts';
import { countOf, screenKey, screensOf } from '../../../src/app/form/render/screens.ts';
import type { FormItem } from '../../../src/domain/view/form-item.ts';

const medicine: readonly FormItem[] = [
  { linkId: 'any', type: 'boolean', text: 'Do you take medicines?' },
  {
    linkId: 'drugs',
    type: 'group',
    repeats: true,
    enableWhen: [{ question: 'any', operator: '=', answerBoolean: true }],
    items: [
      { linkId: 'drug', type: 'string' },
      { linkId: 'why', type: 'string', enableWhen: [{ question: 'drug', operator: 'exists', answerBoolean: true }] },
    ],
  },
];
const yes: Items = [{ linkId: 'any', answer: [{ valueBoolean: true }] }];
const inDrug = (index: number) => [{ linkId: 'drugs', kind: 'group', index } as const];

describe('Answers where they stand', () => {
  test('each group of a repeated one has its own answers, and its own questions switched on', () => {
    let items = withAnswers(yes, inDrug(0), 'drug', [{ valueString: 'A' }]);
    items = withGroup(items, [], 'drugs');
    items = withAnswers(items, inDrug(1), 'drug', [{ valueString: 'B' }]);
    items = withAnswers(items, inDrug(1), 'why', [{ valueString: 'pain' }]);
    expect(screensOf(medicine, items).map(screenKey)).toEqual([
      'any',
      'drugs.0~drug',
      'drugs.0~why',
      'drugs.1~drug',
      'drugs.1~why',
    ]);
    expect(countOf(medicine, items)).toEqual({ asked: 5, answered: 4 });
    const without = withoutGroup(items, [], 'drugs', 0);
    expect(answersTo(itemsAt(without, inDrug(0)), 'drug')).toEqual([{ valueString: 'B' }]);
  });

  test('what an answer switches off is not handed in, nor what depended on it', () => {
    let items = withAnswers(yes, inDrug(0), 'drug', [{ valueString: 'A' }]);
    items = withAnswers(items, inDrug(0), 'why', [{ valueString: 'pain' }]);
    const emptied = withAnswers(items, inDrug(0), 'drug', []);
    expect(handedIn(medicine, emptied)).toEqual(yes);
    expect(handedIn(medicine, withAnswers(items, [], 'any', [{ valueBoolean: false }]))).toEqual([
      { linkId: 'any', answer: [{ valueBoolean: false }] },
    ]);
  });

  test('an answer that was begun and says nothing is not handed in', () => {
    const items = withAnswers(yes, inDrug(0), 'drug', [{}, { valueString: '' }, { valueString: 'A' }]);
    expect(handedIn(medicine, items)[1]).toEqual({
      linkId: 'drugs',
      item: [{ linkId: 'drug', answer: [{ valueString: 'A' }] }],
    });
  });

  test('nested below an answer: gone with it, kept while it only changes elsewhere', () => {
    const form: readonly FormItem[] = [
      { linkId: 'a', type: 'string', items: [{ linkId: 'b', type: 'string' }] },
      { linkId: 'c', type: 'string' },
    ];
    const below = [{ linkId: 'a', kind: 'question', index: 0 } as const];
    let items = withAnswers([], [], 'c', [{ valueString: 'last' }]);
    items = withAnswers(items, [], 'a', [{ valueString: 'one' }]);
    items = withAnswers(items, below, 'b', [{ valueString: 'two' }]);
    expect(handedIn(form, items)).toEqual([
      { linkId: 'a', answer: [{ valueString: 'one', item: [{ linkId: 'b', answer: [{ valueString: 'two' }] }] }] },
      { linkId: 'c', answer: [{ valueString: 'last' }] },
    ]);
    expect(handedIn(form, withAnswers(items, [], 'a', []))).toEqual([
      { linkId: 'c', answer: [{ valueString: 'last' }] },
    ]);
  });
});

describe('Numbers as people type them', () => {
  for (const [typed, bounds, read] of [
    ['61,5', {}, { value: 61.5 }],
    [' 61.5 ', {}, { value: 61.5 }],
    ['−3', {}, { value: -3 }],
    ['', {}, { empty: true }],
    ['1.000,5', {}, { fault: 'notANumber' }],
    ['1e3', {}, { fault: 'notANumber' }],
    ['12 kg', {}, { fault: 'notANumber' }],
    ['2,5', { isWhole: true }, { fault: 'notWhole' }],
    ['10', { max: 10 }, { value: 10 }],
    ['11', { max: 10 }, { fault: 'outOfRange' }],
    ['-1', { min: 0 }, { fault: 'outOfRange' }],
  ] as const)
    test(`“${typed}” within ${JSON.stringify(bounds)} is ${JSON.stringify(read)}`, () => {
      expect(readNumber(typed, { isWhole: false, ...bounds })).toEqual(read);
    });
});
