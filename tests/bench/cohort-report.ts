/**
 * `vincle report cohort` beyond the server’s time, and the reader’s memory at growing cohorts: `npm run bench:report`.
 * Two patients of a synthetic trial, with all that Vincle derived for them, are handed out under ever new ids by a port
 * that answers at once: what is left is Vincle’s own time.
 */
import { resolve } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { protectFew } from '../../src/analysis/protect-few.ts';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Page, Search } from '../../src/fhir/port.ts';
import { csvLines } from '../../src/pipeline/cohort/csv.ts';
import { pseudonymsOf } from '../../src/pipeline/cohort/pseudonyms.ts';
import { readCohort } from '../../src/pipeline/cohort/read-cohort.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { simulatedCohort } from './simulated-cohort.ts';

const TYPES = [
  'Patient',
  'ResearchSubject',
  'EpisodeOfCare',
  'CareTeam',
  'Consent',
  'Observation',
  'Communication',
  'Encounter',
] as const;

const embedded = await startEmbedded();
const real = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
const { first, second, study } = generateCohort({ seed: 3, patients: 12, idPrefix: 'bench', faults: false });
for (const bundle of [...first, ...second]) await real.request('POST', '', bundle);
const content = await loadContent({ shipped: resolve('.'), baseUrl: real.baseUrl });
const settings = { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: real.baseUrl };
const context = { content, display: displayOf(content.resources), settings };
const state = await openState('sqlite::memory:');
await computeAlliance(
  { server: real, state, context },
  { overlapMs: 0, now: Date.now, holder: 'bench', pause: async () => undefined },
);
await state.close();

const READ = {
  visits: content.analysisPlan?.visits ?? [],
  site: 'Organization/none',
  nowMs: Date.parse('2026-11-23T12:00:00Z'),
};
/** One of each arm who rated at every visit. */
const found = new Map<string, string>();
for await (const { patient, rows } of readCohort(real, context, { ...READ, code: (_, it) => it }).patients)
  if (rows.length === 6 && patient.arm !== undefined) found.set(patient.arm, patient.patient.slice('Patient/'.length));
const PATIENTS = [...found.values()];
if (PATIENTS.length !== 2) throw new Error('nobody rated at every visit');
/** JSON of each type by patient of the two. */
const templates = new Map<string, string[][]>();
for (const type of TYPES) {
  const all: FhirResource[] = [];
  for await (const page of real.search({ type, params: [['_count', '500']] })) all.push(...page.resources);
  const own = (id: string): string[] => all.map((it) => JSON.stringify(it)).filter((it) => it.includes(id));
  templates.set(type, PATIENTS.map(own));
}
await embedded.stop();

/** The resources of patient `n`, as an answer is read: parsed anew. */
const resourcesOf = (type: string, n: number): FhirResource[] => {
  const template = PATIENTS[n % 2] ?? '';
  return (templates.get(type)?.[n % 2] ?? []).map((it) => JSON.parse(it.replaceAll(template, `p-${n}`)));
};

/** A server of so many patients that answers at once. */
function instantServer(patients: number): FhirServer {
  const page = (resources: readonly FhirResource[]): Page => ({
    resources,
    included: [],
    serverTime: new Date().toISOString(),
  });
  const answer = ({ type, params }: Search): Page => {
    const named = (params[0]?.[1] ?? '').split(',').flatMap((it) => /p-(\d+)$/.exec(it)?.[1] ?? []);
    return page(named.flatMap((n) => resourcesOf(type, Number(n))));
  };
  const search = async function* ({ type, params }: Search): AsyncGenerator<Page> {
    if (params.some(([name]) => name === '_lastUpdated')) return;
    if (type === 'ResearchSubject')
      for (let from = 0; from < patients; from += 500) {
        const count = Math.min(500, patients - from);
        yield page(Array.from({ length: count }, (_, i) => resourcesOf(type, from + i)).flat());
      }
    else if (type === 'Communication' || type === 'Encounter')
      yield page([...resourcesOf(type, 0), ...resourcesOf(type, 1)]);
  };
  return Object.assign(Object.create(real), {
    baseUrl: real.baseUrl,
    search,
    searchAll: async (searches: readonly Search[]) => searches.map(answer),
  });
}

const readingOf = (patients: number) =>
  readCohort(instantServer(patients), context, { ...READ, code: pseudonymsOf(Buffer.alloc(32, 1)) });

const plan = content.analysisPlan;
if (plan === undefined) throw new Error('no plan');
const begun = performance.now();
let read = 0;
for await (const _patient of readingOf(184).patients) read += 1;
const readAt = performance.now();
// Copies of two patients vary in nothing: what is analysed is a simulated cohort of the same size.
const analysis = analyseCohort(simulatedCohort(184, 1), plan, { masked: false, reliableChange: [] });
JSON.stringify(protectFew(analysis));
const seconds = (ms: number): string => (ms / 1000).toFixed(2);
process.stdout.write(
  `184 patients: ${read} read in ${seconds(readAt - begun)} s, analysed and written in ${seconds(performance.now() - readAt)} s\n`,
);

/** Highest heap after a collection while the CSV of so many patients goes by, in MB. */
async function heapOf(patients: number): Promise<{ mb: number; lines: number; seconds: number }> {
  const start = performance.now();
  let [lines, peak] = [0, 0];
  for await (const _line of csvLines(readingOf(patients).patients)) {
    lines += 1;
    if (lines % 1_500 !== 0) continue;
    global.gc?.();
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  return { mb: peak / 2 ** 20, lines, seconds: (performance.now() - start) / 1000 };
}
const sizes = process.argv.slice(2).map(Number);
const [small = 1_000, large = 10_000] = sizes;
const [few, many] = [await heapOf(small), await heapOf(large)];
for (const [patients, it] of [
  [small, few],
  [large, many],
] as const)
  process.stdout.write(
    `${patients} patients: ${it.lines} lines in ${it.seconds.toFixed(1)} s, heap ${it.mb.toFixed(1)} MB\n`,
  );
process.stdout.write(`memory, ${large} against ${small}: ${(many.mb / few.mb).toFixed(2)}\n`);
