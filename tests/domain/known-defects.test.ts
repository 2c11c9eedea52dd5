import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Coding, QuestionnaireItem } from 'fhir/r4.js';
import { instrumentOf, instruments, questionnaires, scoresOf, scoreValue } from './shipped-instruments.ts';

/** Defects seen in public code that scores these instruments, each held off here. */
const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const EQUIVALENCES = new URL('../../questionnaires/equivalences/', import.meta.url);

const itemsOf = (id: string): readonly QuestionnaireItem[] => questionnaires.get(id)!.item!;
const codesOf = (item: QuestionnaireItem, system: string): string[] =>
  (item.code ?? []).flatMap((it) => (it.system === system && it.code !== undefined ? [it.code] : []));
const loincOf = (id: string, linkId: string): string[] =>
  codesOf(itemsOf(id).find((it) => it.linkId === linkId)!, LOINC);
/** LOINC codes of the questions of a form, in the printed order. */
const loincCodes = (id: string): string[] =>
  itemsOf(id)
    .filter((it) => it.type === 'choice')
    .flatMap((it) => codesOf(it, LOINC));

describe('WAI-S is not WAI-SR', () => {
  /** Tracey & Kokotovic 1989. Blocks of four, and the other items 8 and 10 of WAI-SR, are seen in public code. */
  const SUBSCALES = { task: [1, 2, 8, 12], bond: [3, 5, 7, 9], goal: [4, 6, 10, 11] };

  test.each(Object.entries(SUBSCALES))('%s is moved by items %j and by no other', (measure, numbers) => {
    for (const id of ['wai-s-p', 'wai-s-t']) {
      const middle = Array.from({ length: 12 }, () => 4);
      const before = scoreValue(scoresOf(instrumentOf(id), middle), measure);
      const moving = middle.flatMap((_, index) =>
        scoreValue(scoresOf(instrumentOf(id), middle.with(index, 5)), measure) === before ? [] : [index + 1],
      );
      expect(moving).toEqual(numbers);
    }
  });

  test('twelve items, seven answers, 12 to 84: neither the 12 to 60 of WAI-SR nor the ten items that a site describes', () => {
    for (const id of ['wai-s-p', 'wai-s-t']) {
      const { items, keys } = instrumentOf(id);
      const { low, high } = keys.find((it) => it.measure === 'total')!;
      expect([items.length, items[0]!.weights!.size, low, high]).toEqual([12, 7, 12, 84]);
    }
  });
});

describe('codes of the screeners', () => {
  test('70272-0 is the PHQ-4 total; GAD-2, which has no LOINC code, does not carry it', () => {
    expect(['score-total', 'score-anxiety', 'score-depression'].map((linkId) => loincOf('phq-4', linkId))).toEqual([
      ['70272-0'],
      [],
      [],
    ]);
  });

  test('a score carries the code of the score and never the code of the panel', () => {
    const totals = Object.fromEntries(instruments.map((it) => [it.id, it.totalCodes.map(({ code }) => code)]));
    expect(totals).toMatchObject({ 'phq-9': ['44261-6'], 'gad-7': ['70274-6'], 'phq-4': ['70272-0'] });
    const panels = new Set(['44249-1', '69737-5', '69724-3']);
    for (const [, codes] of Object.entries(totals)) for (const code of codes) expect(panels).not.toContain(code);
  });

  test('GAD-7 item 6 (irritable) is 69689-8 and item 7 (afraid) is 69736-7, not the other way round', () => {
    const expected = ['69725-0', '68509-9', '69733-4', '69734-2', '69735-9', '69689-8', '69736-7'];
    expect(loincCodes('gad-7')).toEqual(expected);
    expect(itemsOf('gad-7').find((it) => it.linkId === 'gad7-6')!.text).toContain('irritable');
    expect(itemsOf('gad-7').find((it) => it.linkId === 'gad7-7')!.text).toContain('afraid');
  });

  test('PHQ-9 has all nine of its items, 44260-8 the last of them, then the difficulty', () => {
    const nine = ['44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8'];
    expect(loincCodes('phq-9')).toEqual([...nine, '44256-6']);
  });

  test('PHQ-4 asks GAD-2 first and PHQ-2 then, by the codes of the longer forms', () =>
    expect(loincCodes('phq-4')).toEqual(['69725-0', '68509-9', '44250-9', '44255-8']));

  test('a declaration of another publisher’s form never takes two of its items for one of ours, nor one for two', () => {
    for (const name of readdirSync(EQUIVALENCES).filter((it) => it.endsWith('.json'))) {
      const declared: { items: { item: string; codes?: Coding[] }[] } = JSON.parse(
        readFileSync(new URL(name, EQUIVALENCES), 'utf8'),
      );
      const codes = declared.items.flatMap((it) => it.codes?.map(({ code }) => code) ?? []);
      expect([name, new Set(codes).size]).toEqual([name, codes.length]);
    }
  });

  test('every declared item of another publisher’s form carries the very LOINC code of our item', () => {
    for (const name of readdirSync(EQUIVALENCES).filter((it) => it.endsWith('.json'))) {
      const declared: { instrument: string; items: { item: string; codes?: Coding[] }[] } = JSON.parse(
        readFileSync(new URL(name, EQUIVALENCES), 'utf8'),
      );
      for (const { item, codes } of declared.items)
        for (const { code } of (codes ?? []).filter((it) => it.system === LOINC))
          expect([name, item, code]).toEqual([name, item, loincOf(declared.instrument, item)[0]]);
    }
  });
});

describe('answers', () => {
  const offered = [...questionnaires.values()].flatMap((it) =>
    it.item!.flatMap(({ linkId, answerOption }) =>
      (answerOption ?? []).map(({ valueCoding }) => ({ place: `${it.id} ${linkId}`, coding: valueCoding })),
    ),
  );

  test('every answer that is offered is a coding with its system, none a bare "0" to "3"', () => {
    for (const { place, coding } of offered)
      expect([place, typeof coding?.system, typeof coding?.code]).toEqual([place, 'string', 'string']);
  });

  test.each(['phq-4', 'phq-9', 'gad-7'])('%s offers LL358-3, whose codes count 0 to 3', (id) => {
    for (const { linkId, weights } of instrumentOf(id).items)
      expect([linkId, [...weights!]]).toEqual([
        linkId,
        [
          [`${LOINC}|LA6568-5`, 0],
          [`${LOINC}|LA6569-3`, 1],
          [`${LOINC}|LA6570-1`, 2],
          [`${LOINC}|LA6571-9`, 3],
        ],
      ]);
  });

  test('the lowest answer is "Not at all", not the "Not at all sure" of many published copies (Zorowitz 2021)', () => {
    const lowest = offered.filter(({ coding }) => coding?.code === 'LA6568-5').map(({ coding }) => coding?.display);
    expect(new Set(lowest)).toEqual(new Set(['Not at all']));
  });

  test('difficulty is answered by LL359-1, in which LA6575-0 is less than LA6574-3', () => {
    const options = itemsOf('phq-9').find((it) => it.linkId === 'phq9-difficulty')!.answerOption!;
    expect(options.map((it) => [it.valueCoding?.code, it.valueCoding?.display])).toEqual([
      ['LA6572-7', 'Not difficult at all'],
      ['LA6573-5', 'Somewhat difficult'],
      ['LA6575-0', 'Very difficult'],
      ['LA6574-3', 'Extremely difficult'],
    ]);
  });
});

test('a missing answer is never counted as 0: no form with a gap has the score of the answers that are there', () => {
  for (const instrument of instruments) {
    const highest = instrument.items.map((it) => it.high);
    highest.forEach((_, missing) => {
      const total = scoresOf(
        instrument,
        highest.map((raw, index) => (index === missing ? null : raw)),
      ).measures.get('total')!;
      // Either there is no total, or it says that it is prorated.
      if ('value' in total)
        expect([instrument.id, total.prorated, total.answered]).toEqual([
          instrument.id,
          true,
          instrument.items.length - 1,
        ]);
      else expect(total).toEqual({ absent: 'too-few-answered', answered: instrument.items.length - 1 });
    });
  }
});

test('a HADS with one answer missing keeps the mean of its subscale: 3 throughout stays 42, and is not 39', () => {
  const row = Array.from({ length: 14 }, (_, index) => (index === 5 ? null : 3));
  expect(scoreValue(scoresOf(instrumentOf('hads'), row), 'total')).toBe(42);
});

test('SNOMED CT 273524006 stands on HADS and on nothing else, and no other SNOMED code is used', () => {
  const found = [...questionnaires.values()].flatMap((it) =>
    [...(it.code ?? []), ...it.item!.flatMap((item) => item.code ?? [])]
      .filter(({ system }) => system === SNOMED)
      .map(({ code }) => [it.id, code]),
  );
  expect(found).toEqual([['hads', '273524006']]);
});

test('nothing is required, and no slider starts on a value: an unanswered question stays unanswered', () => {
  for (const { id, item } of questionnaires.values())
    for (const { linkId, required, initial } of item!)
      expect([id, linkId, required ?? false, initial]).toEqual([id, linkId, false, undefined]);
});

test('no wording of WAI-S or HADS ships: their questions are called by number and subscale, their answers by number', () => {
  for (const [id, name, last] of [
    ['wai-s-p', 'WAI-S', 12],
    ['wai-s-t', 'WAI-S', 12],
    ['hads', 'HADS', 14],
  ] as const) {
    const questions = itemsOf(id).filter((it) => it.type === 'choice');
    const label = new RegExp(`^${name} item \\d+ · (Task|Bond|Goal|Anxiety|Depression)$`);
    expect(questions).toHaveLength(last);
    for (const { text, answerOption } of questions) {
      expect(text).toMatch(label);
      for (const { valueCoding } of answerOption!)
        expect(valueCoding!.display).toMatch(/^\d( \((lowest|highest|least|most)\))?$/);
    }
  }
});
