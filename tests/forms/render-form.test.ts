import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Questionnaire, ValueSet } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import type { FormItem } from '../../src/domain/view/form-item.ts';
import { renderForm, unsupportedItems } from '../../src/pipeline/forms/render-form.ts';
import { takenItems } from '../../src/pipeline/forms/taken-items.ts';
import { content } from '../http/rig.ts';

const F = 'http://hl7.org/fhir/StructureDefinition';
const control = (code: string) => ({
  url: `${F}/questionnaire-itemControl`,
  valueCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/questionnaire-item-control', code }] },
});
const translated = (lang: string, text: string) => ({
  extension: [
    {
      url: `${F}/translation`,
      extension: [
        { url: 'lang', valueCode: lang },
        { url: 'content', valueString: text },
      ],
    },
  ],
});
const all = (items: readonly FormItem[]): FormItem[] => items.flatMap((it) => [it, ...all(it.items ?? [])]);

const OWN: Questionnaire = {
  resourceType: 'Questionnaire',
  status: 'active',
  url: 'https://hospital.example/Questionnaire/own',
  language: 'en',
  title: 'Own form',
  item: [
    {
      linkId: 'pain',
      type: 'integer',
      text: 'Pain',
      extension: [
        control('slider'),
        { url: `${F}/minValue`, valueInteger: 0 },
        { url: `${F}/maxValue`, valueInteger: 10 },
      ],
      item: [
        { linkId: 'pain-low', type: 'display', text: 'none', extension: [control('lower')] },
        { linkId: 'pain-high', type: 'display', text: 'worst', extension: [control('upper')] },
        { linkId: 'pain-help', type: 'display', text: 'Today alone.', extension: [control('help')] },
      ],
    },
    { linkId: 'marital', type: 'choice', text: 'Status', answerValueSet: 'https://hospital.example/ValueSet/marital' },
    {
      linkId: 'drugs',
      type: 'group',
      repeats: true,
      text: 'A medicine',
      _text: translated('es', 'Un medicamento'),
      item: [
        { linkId: 'drug', type: 'string', text: 'Name', maxLength: 40, prefix: 'a' },
        {
          linkId: 'dose',
          type: 'decimal',
          text: 'Dose',
          required: true,
          extension: [{ url: `${F}/questionnaire-unit`, valueCoding: { code: 'mg' } }],
        },
      ],
    },
    {
      linkId: 'total',
      type: 'decimal',
      text: 'Total',
      extension: [{ url: `${F}/questionnaire-hidden`, valueBoolean: true }],
    },
  ],
};
const MARITAL: ValueSet = {
  resourceType: 'ValueSet',
  status: 'active',
  url: 'https://hospital.example/ValueSet/marital',
  expansion: {
    timestamp: '2026-01-01',
    contains: [
      { system: 'urn:m', code: 'S', display: 'Single', designation: [{ language: 'es', value: 'Soltera' }] },
      { system: 'urn:m', code: 'M', display: 'Married' },
    ],
  },
};

test('a form of the hospital’s own is rendered from its Questionnaire alone: line, ends, help, ValueSet, groups, units', () => {
  const form = renderForm({ questionnaire: OWN, asked: 'es', wording: undefined, resources: [MARITAL] });
  expect(form).toMatchObject({ title: 'Own form', language: 'en', asked: 'es', isFallback: true, wording: 'own' });
  expect(form.items).toEqual([
    {
      linkId: 'pain',
      type: 'integer',
      text: 'Pain',
      help: 'Today alone.',
      slider: { low: 0, high: 10, step: 1, lowLabel: 'none', highLabel: 'worst' },
    },
    {
      linkId: 'marital',
      type: 'choice',
      text: 'Status',
      options: [
        { value: { valueCoding: { system: 'urn:m', code: 'S', display: 'Single' } }, label: 'Soltera' },
        { value: { valueCoding: { system: 'urn:m', code: 'M', display: 'Married' } }, label: 'Married' },
      ],
    },
    {
      linkId: 'drugs',
      type: 'group',
      text: 'Un medicamento',
      repeats: true,
      items: [
        { linkId: 'drug', type: 'string', prefix: 'a', text: 'Name', maxLength: 40 },
        { linkId: 'dose', type: 'decimal', text: 'Dose', required: true, unit: { code: 'mg' } },
      ],
    },
  ]);
});

test('every shipped form is worded in the three languages of the programme, and shows no score and no weight', async () => {
  const { resources, instruments, wording } = await content();
  for (const instrument of instruments)
    for (const asked of ['en', 'es', 'ca'] as const) {
      const questionnaire = resources.find(
        (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.id === instrument.id,
      );
      if (questionnaire === undefined) throw new Error(instrument.id);
      const form = renderForm({ questionnaire, asked, wording: wording(instrument.id, asked), resources });
      expect([instrument.id, asked, form.language, form.isFallback]).toEqual([instrument.id, asked, asked, false]);
      const items = all(form.items);
      expect(items.map((it) => it.linkId)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^score-|^rated/)]),
      );
      for (const { linkId } of instrument.items) expect(items.find((it) => it.linkId === linkId)?.text).toBeTruthy();
      for (const it of items.filter((one) => one.type === 'choice')) expect(it.options?.length).toBeGreaterThan(1);
      expect(JSON.stringify(form)).not.toMatch(/itemWeight|ordinalValue/);
    }
});

test('licensed wording is shown on an authorized form alone, and a form without it says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wording-'));
  const words = {
    instrument: 'wai-s-p',
    language: 'es',
    version: '1',
    rights: 'licensed to a test',
    validation: { state: 'validated', source: 'a test' },
    title: 'Invented title',
    instructions: 'Invented instructions',
    items: { 'wai-1': 'Invented words of item one' },
    options: { '1': 'Invented lowest' },
  };
  await writeFile(join(folder, 'wai-s-p.es.json'), JSON.stringify(words));
  const licensed = await loadContent({ shipped: join(import.meta.dirname, '../..'), wording: folder });
  await rm(folder, { recursive: true });
  const questionnaire = licensed.resources.find(
    (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.id === 'wai-s-p',
  );
  if (questionnaire === undefined) throw new Error('wai-s-p');
  const parts = { questionnaire, asked: 'es' as const, resources: licensed.resources };
  const own = renderForm({ ...parts, wording: licensed.wording('wai-s-p', 'es') });
  expect(own).toMatchObject({ wording: 'licensed', title: 'Invented title', rights: 'licensed to a test' });
  expect(own.items[0]).toEqual({ linkId: 'instructions', type: 'display', text: 'Invented instructions' });
  expect(own.items.find((it) => it.linkId === 'wai-1')).toMatchObject({ text: 'Invented words of item one' });
  expect(renderForm({ ...parts, wording: undefined })).toMatchObject({ wording: 'neutral' });
  // In Catalan the site has none: another language stands in, and is marked.
  expect(renderForm({ ...parts, asked: 'ca', wording: licensed.wording('wai-s-p', 'ca') })).toMatchObject({
    language: 'es',
    isFallback: true,
  });
  expect(JSON.stringify(licensed.resources)).not.toContain('Invented');
});

test('a form says on its face that licensed words are missing, and that nobody validated a translation', async () => {
  const { resources, wording } = await content();
  const faceOf = (id: string, asked: 'en' | 'ca') => {
    const questionnaire = resources.find(
      (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.id === id,
    );
    if (questionnaire === undefined) throw new Error(id);
    const shown = renderForm({ questionnaire, asked, resources, wording: wording(id, asked) });
    return [shown.wording, shown.isUnvalidated ?? false];
  };
  expect(faceOf('distress-thermometer', 'en')).toEqual(['neutral', false]);
  expect(faceOf('wai-s-t', 'ca')).toEqual(['neutral', false]);
  expect(faceOf('phq-9', 'en')).toEqual(['own', false]);
  // No validated Catalan version of the PHQ-9 was found (questionnaires/wording/phq-9.ca.json).
  expect(faceOf('phq-9', 'ca')).toEqual(['own', true]);
});

test('an item that no page can show is named; a hidden one of any type is not asked', () => {
  const item = [
    { linkId: 'photo', type: 'attachment' as const },
    { linkId: 'group', type: 'group' as const, item: [{ linkId: 'ref', type: 'reference' as const }] },
    {
      linkId: 'own',
      type: 'reference' as const,
      extension: [{ url: `${F}/questionnaire-hidden`, valueBoolean: true }],
    },
  ];
  expect(unsupportedItems(item)).toEqual(['photo', 'ref']);
});

test('of what a browser sends the form’s own order is taken, without what is hidden or switched off', () => {
  const form = OWN.item ?? [];
  const sent = [
    { linkId: 'total', answer: [{ valueDecimal: 99 }] },
    {
      linkId: 'drugs',
      item: [
        { linkId: 'dose', answer: [{ valueDecimal: 5 }] },
        { linkId: 'drug', answer: [{ valueString: 'A' }] },
      ],
    },
    { linkId: 'drugs', item: [{ linkId: 'drug', answer: [{ valueString: '' }] }] },
    { linkId: 'pain', answer: [{ valueInteger: 3 }] },
  ];
  expect(takenItems(form, sent)).toEqual([
    { linkId: 'pain', answer: [{ valueInteger: 3 }] },
    {
      linkId: 'drugs',
      item: [
        { linkId: 'drug', answer: [{ valueString: 'A' }] },
        { linkId: 'dose', answer: [{ valueDecimal: 5 }] },
      ],
    },
  ]);
});
