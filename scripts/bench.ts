/** `npm run bench [-- --responses 20000 --rounds 2]`: the alliance job against clients that do not think, on HAPI with PostgreSQL. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Questionnaire } from 'fhir/r4.js';
import { table } from '../src/cli/print.ts';
import { comparingFloor, type FloorMeasure, floor, varied, versions } from '../tests/bench/floor.ts';
import {
  type BenchCohort,
  bare,
  benchCohort,
  contextOf,
  type JobMeasure,
  job,
  load,
  median,
  newState,
  type Recorded,
  record,
} from '../tests/bench/rig.ts';
import { serverExtract, usualScript } from '../tests/bench/usual.ts';
import { startHapi } from '../tests/hapi/rig/hapi.ts';
import { startPostgres } from '../tests/hapi/rig/postgres.ts';

const { values } = parseArgs({
  options: { responses: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '2' } },
});
const large = Number(values.responses);
const rounds = Number(values.rounds);
const SMALL = 1_000;
const say = (text: string) => process.stderr.write(`${text}\n`);
const rows: (readonly [string, string, string])[] = [];
const row = (what: string, measured: string, target: string) => {
  rows.push([what, measured, target]);
  say(`${what}: ${measured}${target === '' ? '' : ` (target ${target})`}`);
};
const ratio = (value: number): string => value.toFixed(2);

let serial = 0;
async function loaded(baseUrl: string, responses: number, workers = 2): Promise<BenchCohort> {
  serial += 1;
  const cohort = benchCohort(`b${serial}${process.pid}`, responses);
  await load(baseUrl, cohort, workers);
  return cohort;
}

let floors = 0;
const floorOnce = (baseUrl: string, recorded: Recorded): Promise<FloorMeasure> => {
  floors += 1;
  return floor(baseUrl, varied(recorded, floors));
};

/** Floor, job, floor over one cohort, in turn: the ratio of each job to the mean of its two floors. */
async function inTurn(baseUrl: string, responses: number, turns: number) {
  const jobs: JobMeasure[] = [];
  const ratios: number[] = [];
  const floorCpu: number[] = [];
  const cohorts: { cohort: BenchCohort; state: string; recorded: Recorded }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const cohort = await loaded(baseUrl, responses);
    const recorded = await record(baseUrl, cohort.study);
    const state = newState();
    const before = await floorOnce(baseUrl, recorded);
    const measured = await job(baseUrl, cohort.study, state);
    const after = await floorOnce(baseUrl, recorded);
    jobs.push(measured);
    cohorts.push({ cohort, state, recorded });
    ratios.push(measured.run.durationMs / ((before.ms + after.ms) / 2));
    floorCpu.push((before.cpuMs + after.cpuMs) / 2 / measured.run.written);
    say(
      `  floor ${(before.ms / 1000).toFixed(1)} and ${(after.ms / 1000).toFixed(1)} s, job ${(measured.run.durationMs / 1000).toFixed(1)} s for ${measured.run.written} resources in ${measured.run.requests} requests`,
    );
  }
  return { ratio: median(ratios), floorCpu: median(floorCpu), jobs, cohorts };
}

async function unchanged(baseUrl: string, study: string, state: string, recorded: Recorded) {
  const ratios: number[] = [];
  const before = await versions(baseUrl);
  for (let turn = 0; turn < rounds; turn += 1) {
    const first = await comparingFloor(baseUrl, recorded);
    const { run } = await job(baseUrl, study, state, true);
    const second = await comparingFloor(baseUrl, recorded);
    if (run.written !== 0) throw new Error(`--all over unchanged data wrote ${run.written}`);
    ratios.push(run.durationMs / ((first + second) / 2));
    say(
      `  comparing floor ${(first / 1000).toFixed(1)} and ${(second / 1000).toFixed(1)} s, --all ${(run.durationMs / 1000).toFixed(1)} s`,
    );
  }
  if ((await versions(baseUrl)) !== before) throw new Error('--all over unchanged data made new versions');
  return median(ratios);
}

/** The other figures are worth printing where this server cannot do it. */
const extracted = async (baseUrl: string, questionnaires: readonly Questionnaire[]): Promise<number> =>
  serverExtract(baseUrl, await loaded(baseUrl, SMALL, 1), questionnaires);

const postgres = await startPostgres();
const hapi = await startHapi({ database: { postgres: postgres.url }, tuning: 'throughput', heap: '2g' });
try {
  const { baseUrl } = hapi;
  const { content } = await contextOf(baseUrl, 'ResearchStudy/none');
  const questionnaires = content.resources.filter((it): it is Questionnaire => it.resourceType === 'Questionnaire');
  say('Warming the server up');
  // Two first writes of one type at once fail on a HAPI that has just started: the first ones go one by one.
  await loaded(baseUrl, 20, 1);
  await inTurn(baseUrl, SMALL, 1);

  const small = await inTurn(baseUrl, SMALL, 3);
  row(`first run over ${SMALL} responses, against the floor`, ratio(small.ratio), '≤ 1.3');
  const usual = await loaded(baseUrl, SMALL);
  const [firstUsual, secondUsual] = [
    await usualScript(baseUrl, usual, questionnaires),
    await usualScript(baseUrl, usual, questionnaires),
  ];
  const ours = median(small.jobs.map(({ run }) => (1000 * (run.scored + run.unscorable)) / run.durationMs));
  row('responses a second, Vincle', ours.toFixed(0), '');
  row(
    'responses a second, a usual script (first run · rerun)',
    `${firstUsual.toFixed(0)} · ${secondUsual.toFixed(0)}`,
    '',
  );

  const big = await inTurn(baseUrl, large, rounds);
  row(`first run over ${large} responses, against the floor`, ratio(big.ratio), '≤ 1.15');
  const cpu = median(big.jobs.map((it) => it.cpuMs / it.run.written));
  row('client CPU for one resource written', `${cpu.toFixed(3)} ms`, '≤ 0.2 ms');
  row('the same of the bare client that the floor is', `${big.floorCpu.toFixed(3)} ms`, '');
  const peak = Math.max(...big.jobs.map((it) => it.maxRssMb));
  const peakSmall = Math.max(...small.jobs.map((it) => it.maxRssMb));
  row(
    `peak memory, ${large} against ${SMALL}`,
    `${ratio(peak / peakSmall)} (${peak.toFixed(0)} MB, ${peakSmall.toFixed(0)} MB)`,
    '≤ 1.3',
  );
  const last = big.cohorts.at(-1);
  if (last === undefined) throw new Error('no round was run');
  const quiet = await job(baseUrl, last.cohort.study, last.state);
  row('requests with nothing new', String(quiet.run.requests), '1');
  const one = last.cohort.resources.find((it) => it.resourceType === 'QuestionnaireResponse');
  await bare(baseUrl, 'PUT', `QuestionnaireResponse/${one?.id}`, { ...one, status: 'amended' });
  const after = await job(baseUrl, last.cohort.study, last.state);
  row(`requests after 1 changed response among ${large}`, String(after.run.requests), '≤ 8');
  row(
    '--all over unchanged data, against reading and comparing',
    ratio(await unchanged(baseUrl, last.cohort.study, last.state, last.recorded)),
    '≤ 1.15',
  );
} finally {
  await hapi.stop();
  await postgres.stop();
}

const reasoning = await startHapi({ database: 'h2', clinicalReasoning: true });
try {
  const { content } = await contextOf(reasoning.baseUrl, 'ResearchStudy/none');
  const questionnaires = content.resources.filter((it): it is Questionnaire => it.resourceType === 'Questionnaire');
  row(
    'responses a second, HAPI’s own $extract (PHQ-9 and GAD-7 items)',
    await extracted(reasoning.baseUrl, questionnaires).then(
      (it) => it.toFixed(0),
      (error: Error) => `failed: ${error.message.slice(0, 200)}`,
    ),
    '',
  );
} finally {
  await reasoning.stop();
}

process.stdout.write(`${table(['measured', 'result', 'target'], rows)}\n\n`);
process.stdout.write(
  `| measured | result | target |\n|---|---|---|\n${rows.map((it) => `| ${it.join(' | ')} |`).join('\n')}\n\n`,
);
process.stdout.write(
  `HAPI 8.8.0, PostgreSQL without fsync, Node ${process.versions.node}, ${cpus().length} cores shared by all three.\n`,
);
