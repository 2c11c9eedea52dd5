import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Coding,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from 'fhir/r4.js';
import type { Browser, Page } from 'playwright-core';
import { loadContent } from '../../src/content/load.ts';
import type { LoadedContent } from '../../src/content/port.ts';
import { compileScoring } from '../../src/domain/scoring.ts';
import { openBrowser } from './rig/browser.ts';
import { startOtherRenderers } from './rig/other-renderers.ts';

const ROOT = join(import.meta.dirname, '../..');
const IDS = [
  'wai-s-p',
  'wai-s-t',
  'sus',
  'vas-app',
  'vas-platform',
  'distress-thermometer',
  'phq-4',
  'phq-9',
  'gad-7',
  'hads',
];

const SETTLED_MS = 30_000;

let browser: Browser;
let page: Page;
let content: LoadedContent;
let others: Awaited<ReturnType<typeof startOtherRenderers>>;

beforeAll(async () => {
  others = await startOtherRenderers();
  content = await loadContent({ shipped: ROOT });
  browser = await openBrowser();
  page = await browser.newPage();
}, 900_000);
afterAll(async () => {
  await browser?.close();
  await others?.stop();
});

const read = (id: string): Questionnaire =>
  JSON.parse(readFileSync(join(ROOT, `questionnaires/Questionnaire-${id}.json`), 'utf8'));

interface Given {
  readonly linkId: string;
  readonly text: string;
  readonly answer: QuestionnaireResponseItemAnswer;
}

/** An answer to each question, in turn the first option, the second …; a line stands at a third. */
function given(items: readonly QuestionnaireItem[] | undefined, into: Given[] = []): readonly Given[] {
  for (const item of items ?? []) {
    if (item.readOnly === true || item.type === 'display' || item.type === 'reference') continue;
    const option = item.answerOption?.[into.length % item.answerOption.length]?.valueCoding;
    const answer = option === undefined ? { valueInteger: 3 } : { valueCoding: plain(option) };
    if (item.type === 'choice' || item.type === 'integer')
      into.push({ linkId: item.linkId, text: item.text ?? '', answer });
    if (item.type === 'group') given(item.item, into);
  }
  return into;
}

const plain = ({ system = '', code = '', display = '' }: Coding): Coding => ({
  system,
  code,
  display,
});

async function show(renderer: 'lforms' | 'smart-forms', questionnaire: Questionnaire, draft: object): Promise<void> {
  await page.goto(`${others.url}/${renderer}.html`);
  await page.waitForFunction('globalThis.isReady === true');
  await page.evaluate(`show(${JSON.stringify(questionnaire)}, ${JSON.stringify(draft)})`);
}

/**
 * What the renderer made of it, once all are answered and its scores are Vincle's. A renderer computes them one after the
 * other some time after the last answer; what still differs at the end of `SETTLED_MS` is what it says.
 */
async function scored(questionnaire: Questionnaire): Promise<ReturnType<typeof scoresOf>> {
  const until = Date.now() + SETTLED_MS;
  for (;;) {
    const response = (await page.evaluate('Promise.resolve(answers())')) as QuestionnaireResponse;
    const scores = scoresOf(questionnaire, response);
    const isScored = Object.keys(scores.ours).length > 0 && isDeepStrictEqual(scores.theirs, scores.ours);
    if (isScored || Date.now() > until) return scores;
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

/** Vincle's scores of a response, by measure, and those that the response itself carries. */
function scoresOf(questionnaire: Questionnaire, response: QuestionnaireResponse) {
  const resolved = content.resolve(`${questionnaire.url}|${questionnaire.version}`);
  if (resolved.kind !== 'known') throw new Error(`${questionnaire.id} is not known.`);
  const { form, instrument } = resolved;
  const faults = form.validate({ ...response, status: 'completed' }).filter((it) => it.severity === 'error');
  const scores = compileScoring(instrument)(form.answers(response));
  const ours = [...scores.measures].flatMap(([measure, it]) => ('value' in it ? [[measure, it.value] as const] : []));
  return { faults, ours: Object.fromEntries(ours), theirs: Object.fromEntries(form.storedScores(response)) };
}

const draftOf = (questionnaire: Questionnaire, answers: readonly Given[]): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'in-progress',
  questionnaire: `${questionnaire.url}|${questionnaire.version}`,
  item: answers.map(({ linkId, answer }): QuestionnaireResponseItem => ({ linkId, answer: [answer] })),
});

async function fillInLhcForms(answers: readonly Given[]): Promise<void> {
  for (const { linkId, answer } of answers) {
    const { system, code } = answer.valueCoding ?? {};
    if (code === undefined) await page.locator(`input[id^="${linkId}/"]`).fill(String(answer.valueInteger));
    else await page.locator(`label[id^="${linkId}/"][id$="|${system}|${code}"]`).click();
  }
  await page.keyboard.press('Tab');
}

describe.each(IDS)('The Questionnaire %s', (id) => {
  const questionnaire = read(id);
  const answers = given(questionnaire.item);

  test('is shown, answered and scored by LHC-Forms as by Vincle', async () => {
    await show('lforms', questionnaire, {});
    for (const { text } of answers) await page.getByText(text, { exact: true }).first().waitFor();
    await fillInLhcForms(answers);
    const { faults, ours, theirs } = await scored(questionnaire);
    expect(faults).toEqual([]);
    expect(Object.keys(ours).length).toBeGreaterThan(0);
    expect(theirs).toEqual(ours);
  });

  test('is shown and scored by Smart Forms as by Vincle', async () => {
    await show('smart-forms', questionnaire, draftOf(questionnaire, answers));
    for (const { text } of answers) await page.getByText(text, { exact: true }).first().waitFor();
    const { faults, ours, theirs } = await scored(questionnaire);
    expect(faults).toEqual([]);
    expect(Object.keys(ours).length).toBeGreaterThan(0);
    expect(theirs).toEqual(ours);
  });
});
