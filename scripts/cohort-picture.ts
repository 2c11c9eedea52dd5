/**
 * The report of a synthetic trial as `vincle report cohort --format html` makes it, and its picture:
 * `node scripts/cohort-picture.ts [--patients 184] [--language en] [--keep FILE]`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { generateCohort } from '../src/embedded/cohort/generate-cohort.ts';
import { startEmbedded } from '../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../src/fhir/connect.ts';
import { openBrowser } from '../tests/browser/rig/browser.ts';
import { vincle } from '../tests/faults/vincle.ts';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '184' },
    language: { type: 'string', default: 'en' },
    keep: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'vincle-cohort-picture-'));
const file = values.keep ?? join(folder, 'cohort.html');
const embedded = await startEmbedded();
try {
  const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 7, patients: Number(values.patients) });
  for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
  const study = await server.read('ResearchStudy', cohort.study.replace('ResearchStudy/', ''));
  if (study === undefined) throw new Error('no study');
  // The arms of a study that runs are not told apart.
  await server.write({ method: 'PUT', resource: { ...study, status: 'completed' } });
  const env = {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: cohort.study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    LOG_LEVEL: 'silent',
  };
  for (const args of [
    ['job', 'alliance'],
    ['report', 'cohort', '--format', 'html', '--language', values.language, '--out', file],
  ]) {
    const { code, stderr } = await vincle(args, env);
    // 1: some of the synthetic responses are wrong on purpose.
    if (code > 1) throw new Error(stderr);
  }
} finally {
  await embedded.stop();
}

const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1180 } });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: `${PICTURES}cohort.png` });
  await page.locator('#development').scrollIntoViewIfNeeded();
  await page
    .locator('figure')
    .nth(0)
    .screenshot({ path: `${PICTURES}cohort-trajectories.png` });
  process.stderr.write(`docs/pictures/cohort.png, ${Math.round(readFileSync(file).byteLength / 1024)} kB of page\n`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
