import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ContentError } from '../../src/content/content-error.ts';
import { readContentFiles } from '../../src/content/content-files.ts';
import { digestOf, MANIFEST, manifestOf } from '../../src/content/digests.ts';
import { loadContent } from '../../src/content/load.ts';

const BASE = new URL('base', import.meta.url).pathname;
const FAULTS = new URL('faults', import.meta.url).pathname;
const URL_OF = 'https://w3id.org/vincle/Questionnaire/';
const made: string[] = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** A copy of the base content with folders laid over it, and its manifest written anew unless told otherwise. */
function contentWith(overlays: readonly string[], manifest: 'anew' | 'of the base' = 'anew'): string {
  const folder = mkdtempSync(join(tmpdir(), 'content-'));
  made.push(folder);
  cpSync(BASE, folder, { recursive: true });
  if (manifest === 'of the base') writeManifest(folder);
  for (const overlay of overlays) cpSync(overlay, folder, { recursive: true });
  if (manifest === 'anew') writeManifest(folder);
  return folder;
}

const writeManifest = (folder: string): void =>
  writeFileSync(join(folder, MANIFEST), JSON.stringify(manifestOf(readContentFiles(folder, 'shipped', []))));

/** A site's folder of the given files. */
function siteOf(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  made.push(folder);
  for (const [path, json] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(json));
  }
  return folder;
}

const jsonOf = (path: string) => JSON.parse(readFileSync(join(BASE, path), 'utf8'));
const reasonsOf = async (...args: Parameters<typeof loadContent>): Promise<string[]> => {
  try {
    await loadContent(...args);
    return [];
  } catch (error) {
    if (error instanceof ContentError) return error.issues.map((it) => `${it.reason} ${it.expression}`);
    throw error;
  }
};

/** What each folder of tests/content/faults is refused for: reason, file and place. */
const REFUSALS: Readonly<Record<string, string>> = {
  'analysis-plan-few-imputations': 'malformed profiles/programme/analysis-plan.json#missing',
  'analysis-plan-unknown-visit': 'unknown-visit profiles/programme/analysis-plan.json#visits[1]',
  'baseline-for-study-instrument': 'baseline-for-study-instrument profiles/programme/visits.json#windows[0].except',
  'baseline-misplaced': 'baseline-misplaced profiles/programme/visits.json#windows[0].months',
  'changed-under-same-version': 'changed-under-same-version questionnaires/Questionnaire-mood.json#version',
  'confirmation-incomplete': 'incomplete-confirmation key-confirmations/bond.json#rater',
  'confirmation-of-wrong-rater': 'wrong-rater key-confirmations/bond.json#rater',
  'duplicate-canonical': 'duplicate-canonical questionnaires/Questionnaire-mood.json',
  'duplicate-linkid':
    "duplicate-linkid questionnaires/Questionnaire-mood.json#Questionnaire.descendants().where(linkId='m-1')",
  'equivalence-of-our-own': 'duplicate-canonical questionnaires/equivalences/clinic.json#questionnaires',
  'equivalence-unknown-instrument': 'unknown-instrument questionnaires/equivalences/clinic.json#instrument',
  'equivalence-unknown-item': 'unknown-item questionnaires/equivalences/clinic.json#items[0]',
  'equivalence-unknown-option': 'unknown-option questionnaires/equivalences/clinic.json#options[0]',
  'key-of-unknown-item': 'unknown-item questionnaires/Questionnaire-mood.json#score-total',
  'key-of-unknown-part': 'unknown-measure questionnaires/Questionnaire-bond-p.json#score-total',
  'minimum-out-of-range': 'minimum-out-of-range questionnaires/Questionnaire-mood.json#score-total',
  'not-a-resource': 'not-a-resource profiles/stray.json',
  'reliability-of-one': 'out-of-range profiles/programme/reliable-change.json#parameters[0].reliability',
  'reliable-change-of-no-alliance':
    'unknown-instrument profiles/programme/reliable-change.json#parameters[0].instrument',
  'reliable-change-without-source': 'source-missing profiles/programme/reliable-change.json#parameters[0].source',
  'score-out-of-range': 'score-out-of-range questionnaires/Questionnaire-bond-p.json#score-task',
  'sd-of-zero': 'out-of-range profiles/programme/reliable-change.json#parameters[0].sd',
  'unknown-code': 'unknown-code profiles/ValueSet-x.json#expansion.contains[0]',
  'unknown-consent-purpose': 'unknown-consent-purpose profiles/programme/consent.json#required',
  'unresolved-canonical': 'unresolved-canonical questionnaires/Questionnaire-mood.json#item[0].answerValueSet',
  'visits-malformed': 'malformed profiles/programme/visits.json',
  'visits-out-of-order': 'visits-out-of-order profiles/programme/visits.json#windows[1]',
  'visits-overlap': 'visits-overlap profiles/programme/visits.json#windows[2]',
  'visits-unknown-instrument': 'unknown-instrument profiles/programme/visits.json#windows[0].except',
  'wording-of-no-instrument': 'unknown-instrument questionnaires/wording/phq-99.es.json',
  'wording-without-rights': 'wording-without-rights questionnaires/wording/mood.es.json#rights',
};

test('every way of being wrong that has a folder is listed here', () => {
  expect(readdirSync(FAULTS).sort()).toEqual(Object.keys(REFUSALS).sort());
});

test.each(Object.entries(REFUSALS))(
  'content with the fault %s is refused, with file and place',
  async (name, refusal) => {
    const shipped = contentWith([join(FAULTS, name)], name === 'changed-under-same-version' ? 'of the base' : 'anew');
    expect(await reasonsOf({ shipped })).toContain(refusal);
  },
);

test('the base content is accepted, frozen, and says what it holds', async () => {
  const content = await loadContent({ shipped: contentWith([]) });
  expect(content.instruments.map((it) => `${it.id} ${it.rater} ${it.use} ${it.alliance}`)).toEqual([
    'bond-p patient study true',
    'mood patient series false',
  ]);
  expect(content.questionnaireUrls).toEqual([
    `${URL_OF}bond-p`,
    `${URL_OF}mood`,
    'https://example.org/Questionnaire/feelings',
  ]);
  expect(content.consent.required).toEqual(['contact']);
  expect(content.visits.windows.map((it) => it.visit)).toEqual(['baseline', 'm3', 'm6', 'm12']);
  expect(() => Object.assign(content.resources[0]!, { id: 'other' })).toThrow(TypeError);
  expect(() => Object.assign(content.visits.windows[0]!, { early: 1 })).toThrow(TypeError);
});

test('the digest changes with what decides a score, and not with the order of keys in a file', async () => {
  const digest = async (shipped: string, site?: string) =>
    (await loadContent({ shipped, ...(site === undefined ? {} : { site }) })).digest;
  const base = await digest(contentWith([]));
  const questionnaire = jsonOf('questionnaires/Questionnaire-mood.json');
  const turned = contentWith([]);
  writeFileSync(
    join(turned, 'questionnaires/Questionnaire-mood.json'),
    JSON.stringify(Object.fromEntries(Object.entries(questionnaire).reverse())),
  );
  expect(await digest(turned)).toBe(base);
  expect(
    await digest(contentWith([]), siteOf({ 'profiles/programme/consent.json': { version: '1.0.0', required: [] } })),
  ).not.toBe(base);
});

test('the questionnaire of a response is found by canonical, by the newest version, by a place on the server, or not at all', async () => {
  const questionnaire = jsonOf('questionnaires/Questionnaire-mood.json');
  const site = siteOf({
    'questionnaires/Questionnaire-mood-10.json': { ...questionnaire, version: '1.10.0' },
    'questionnaires/Questionnaire-mood-9.json': { ...questionnaire, version: '1.9.0' },
  });
  const { resolve } = await loadContent({ shipped: contentWith([]), site, baseUrl: 'https://hospital.example/fhir/' });
  const told = (name: string | undefined) => {
    const it = resolve(name);
    return it.kind === 'known'
      ? it.form.canonical
      : it.kind === 'unknown-version'
        ? `unknown ${it.asked}`
        : it.kind === 'needs-questionnaire'
          ? `fetch ${it.canonical}`
          : it.kind;
  };
  expect(told(`${URL_OF}mood|1.0.0`)).toBe(`${URL_OF}mood|1.0.0`);
  expect(told(`${URL_OF}mood`)).toBe(`${URL_OF}mood|1.10.0`);
  expect(told(`${URL_OF}mood|2.0.0`)).toBe('unknown 2.0.0');
  expect(told('Questionnaire/mood')).toBe(`${URL_OF}mood|1.10.0`);
  expect(told('https://hospital.example/fhir/Questionnaire/mood/_history/3')).toBe(`${URL_OF}mood|1.10.0`);
  expect(told('https://elsewhere.example/fhir/Questionnaire/mood')).toBe('ignored');
  expect(told('https://example.org/Questionnaire/feelings|7')).toBe(
    'fetch https://example.org/Questionnaire/feelings|7',
  );
  expect(told('__proto__')).toBe('ignored');
  expect(told(undefined)).toBe('ignored');
});

test('a site that changes a shipped key under the same version must say so in its own manifest', async () => {
  const changed = { ...jsonOf('questionnaires/Questionnaire-mood.json'), title: 'Ours' };
  const file = { 'questionnaires/Questionnaire-mood.json': changed };
  expect(await reasonsOf({ shipped: contentWith([]), site: siteOf(file) })).toEqual([
    'changed-under-same-version questionnaires/Questionnaire-mood.json#version',
  ]);
  const manifest = { [`${URL_OF}mood|1.0.0`]: digestOf(changed) };
  expect(await reasonsOf({ shipped: contentWith([]), site: siteOf({ ...file, [MANIFEST]: manifest }) })).toEqual([]);
});

test('parameters of reliable change speak for their rater and language only', async () => {
  const parameters = {
    instrument: 'bond-p',
    language: 'es',
    sd: 10,
    reliability: 0.9,
    reliabilityKind: 'alpha',
    population: 'example',
    source: 'example',
  };
  const site = siteOf({ 'profiles/programme/reliable-change.json': { version: '1.0.0', parameters: [parameters] } });
  const content = await loadContent({ shipped: contentWith([]), site });
  expect(content.reliableChange('bond-p', 'es')?.sd).toBe(10);
  expect(content.reliableChange('bond-p', 'es-ES')?.sd).toBe(10);
  for (const [id, language] of [
    ['bond-p', 'ca'],
    ['mood', 'es'],
    ['bond-p', undefined],
    ['bond-p', 'est'],
  ] as const)
    expect(content.reliableChange(id, language)).toBeUndefined();
});

test('a key is confirmed for the language and the very content that a named person confirmed', async () => {
  const questionnaire = jsonOf('questionnaires/Questionnaire-bond-p.json');
  const word = {
    questionnaire: `${URL_OF}bond-p`,
    version: '1.0.0',
    language: 'es',
    rater: 'patient',
    digest: digestOf(questionnaire),
    licence: 'L-1',
    confirmedBy: 'A. Person',
    date: '2026-01-01',
  };
  const content = async (digest: string) =>
    loadContent({ shipped: contentWith([]), site: siteOf({ 'key-confirmations/bond.json': { ...word, digest } }) });
  const confirmed = await content(word.digest);
  expect([
    confirmed.keyConfirmed('bond-p', 'es'),
    confirmed.keyConfirmed('bond-p', 'ca'),
    confirmed.keyConfirmed('bond-p', undefined),
    confirmed.keyConfirmed('mood', 'es'),
  ]).toEqual([true, false, false, false]);
  expect(confirmed.instruments.map((it) => it.keyConfirmed)).toEqual([true, false]);
  expect((await content('0'.repeat(64))).keyConfirmed('bond-p', 'es')).toBe(false);
  expect((await loadContent({ shipped: contentWith([]) })).keyConfirmed('bond-p', 'es')).toBe(false);
});

test('wording falls back to another language and says so; licensed wording is never among the resources', async () => {
  const wording = siteOf({
    'bond-p.es.json': {
      language: 'es',
      version: '1',
      rights: 'licensed to the hospital',
      validation: 'validated',
      items: { 'b-1': 'PRIVATE WORDS' },
    },
  });
  const content = await loadContent({ shipped: contentWith([]), wording });
  expect(content.wording('mood', 'en')).toMatchObject({ language: 'en', fallback: false, licensed: false });
  expect(content.wording('mood', 'ca')).toMatchObject({ language: 'en', asked: 'ca', fallback: true });
  expect(content.wording('bond-p', 'es')).toMatchObject({ licensed: true, rights: 'licensed to the hospital' });
  expect((await loadContent({ shipped: contentWith([]) })).wording('bond-p', 'es')).toBeUndefined();
  expect(JSON.stringify(content.resources)).not.toContain('PRIVATE WORDS');
});

test('a file that is no JSON is named', async () => {
  const shipped = contentWith([]);
  writeFileSync(join(shipped, 'profiles/broken.json'), '{ "resourceType": ');
  expect(await reasonsOf({ shipped })).toContain('unreadable-json profiles/broken.json');
});

test('a folder of wording that is not there is refused at start', async () => {
  expect(existsSync('/nowhere-at-all')).toBe(false);
  expect(await reasonsOf({ shipped: contentWith([]), wording: '/nowhere-at-all' })).toEqual([
    'missing-folder WORDING_DIR',
  ]);
});
