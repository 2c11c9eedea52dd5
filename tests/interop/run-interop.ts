import type { FhirResource, Observation, TestReport } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import type { Content } from '../../src/content/port.ts';
import { pairId, responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import type { AllianceRun } from '../../src/pipeline/alliance-run.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import type { State } from '../../src/state/port.ts';
import { type Expected, type Scenario, scenario } from './scenario.ts';
import { TaggedServer } from './tagged-server.ts';

export interface StepResult {
  readonly step: string;
  readonly result: 'pass' | 'fail' | 'skip';
  readonly detail: string;
}

export interface InteropOptions {
  readonly server: FhirServer;
  readonly content: Content;
  readonly state: State;
  /** Unique to the run: letters, digits and hyphens. */
  readonly run: string;
  readonly everyMs: number;
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onStep?: (step: StepResult) => void;
}

class Failed extends Error {}
const must = (holds: boolean, detail: string): void => {
  if (!holds) throw new Failed(detail);
};

/**
 * Publishes, stores, computes and reads back against any R4 server, with one synthetic patient whose scores are known by
 * hand; then deletes what it made, whatever happened, an abort included.
 */
export async function runInterop(options: InteropOptions): Promise<StepResult[]> {
  const server = new TaggedServer(options.server, options);
  const results: StepResult[] = [];
  const done = (step: StepResult) => {
    results.push(step);
    options.onStep?.(step);
  };
  for (const [step, action] of steps(server, options)) {
    const stopped = options.signal.aborted || results.some((it) => it.result === 'fail' && it.step === FIRST);
    if (stopped)
      done({ step, result: 'skip', detail: options.signal.aborted ? 'stopped' : 'the server was not reached' });
    else done(await tried(step, action));
  }
  done(await tried('delete everything that the run made', () => cleanUp(server)));
  return results;
}

async function tried(step: string, action: () => Promise<string>): Promise<StepResult> {
  try {
    return { step, result: 'pass', detail: await action() };
  } catch (error) {
    return { step, result: 'fail', detail: error instanceof Error ? error.message : String(error) };
  }
}

const FIRST = 'the server answers /metadata';
type Step = readonly [step: string, action: () => Promise<string>];

function steps(server: TaggedServer, options: InteropOptions): Step[] {
  const it = scenario(options.run);
  const compute = () => computeOnce(server, it, options);
  return [
    [
      FIRST,
      async () => {
        const { clientIds, transaction, batch } = await server.capabilities();
        must(
          clientIds,
          'the server does not let a client choose ids; this suite needs that, to be sure what it deletes',
        );
        return `client ids ${clientIds}, transactions ${transaction}, batches ${batch}`;
      },
    ],
    ['publish the questionnaires', () => publish(server, options)],
    ['store a synthetic patient, therapist and study', () => store(server, it.programme)],
    ['store responses', () => store(server, it.responses)],
    [
      'compute: every response is read and scored or found unscorable',
      async () => {
        const run = await compute();
        const unscorable = it.expected.filter((e) => e.total === undefined).length;
        must(
          run.scored === it.expected.length - unscorable && run.unscorable === unscorable && run.refused === 0,
          `scored ${run.scored}, unscorable ${run.unscorable}, refused ${run.refused} ${JSON.stringify(run.reasons)}`,
        );
        return `${run.scored} scored, ${run.unscorable} without a total, ${run.written} written`;
      },
    ],
    ...it.expected.map(
      (expected): Step => [
        `read back ${expected.response.slice('QuestionnaireResponse/'.length + options.run.length + 1)}: ${expected.total ?? 'no total'}`,
        () => readBack(server, it, expected),
      ],
    ),
    ['read back the dyad and the change', () => readPairs(server, it)],
    ['search finds them by patient and code', () => findThem(server, it)],
    [
      'compute again: nothing is written',
      async () => {
        const run = await compute();
        must(run.written === 0, `${run.written} written`);
        return `${run.requests} requests`;
      },
    ],
    ['amend a response: its score, dyad and change follow', () => amend(server, it, compute)],
    ['withdraw a response: its score is entered in error', () => withdraw(server, it, compute)],
    [
      'compute everything again: nothing is written',
      async () => {
        const run = await computeOnce(server, it, options, true);
        must(run.written === 0, `${run.written} written`);
        return `${run.unchanged} unchanged`;
      },
    ],
  ];
}

async function publish(server: TaggedServer, { content, run }: InteropOptions): Promise<string> {
  const wanted = content.resources.filter((it) => it.resourceType === 'Questionnaire');
  const copies = [...wanted, ...devices()].map(
    (it) => ({ ...it, id: `${run}-${it.id}`, ...('url' in it ? { url: `${it.url}-${run}` } : {}) }) as FhirResource,
  );
  return store(server, copies);
}

const devices = (): FhirResource[] =>
  ['vincle', 'vincle-platform'].map((id) => ({
    resourceType: 'Device',
    id,
    deviceName: [{ name: id, type: 'user-friendly-name' }],
  }));

async function store(server: TaggedServer, resources: readonly FhirResource[]): Promise<string> {
  const results = await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
  must(
    results.every((it) => it.status === 200 || it.status === 201),
    'not everything was stored',
  );
  return `${results.length} stored`;
}

function computeOnce(server: TaggedServer, it: Scenario, options: InteropOptions, all = false): Promise<AllianceRun> {
  const context = {
    content: options.content,
    display: displayOf(options.content.resources),
    settings: { study: it.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl },
  };
  return computeAlliance(
    { server, state: options.state, context },
    { all, overlapMs: 60_000, now: Date.now, holder: options.run, pause: options.pause },
  );
}

const observation = async (server: TaggedServer, id: string): Promise<Observation> => {
  const found = await server.read('Observation', id);
  if (found === undefined) throw new Failed(`Observation/${id} is not there`);
  return found;
};

const scoreOf = (it: Scenario, expected: Expected): string => {
  const response = it.responses.find((r) => `QuestionnaireResponse/${r.id}` === expected.response);
  return scoreId(expected.code, responseKey(response ?? {}));
};

const component = (it: Observation, code: string): number | undefined =>
  it.component?.find((part) => part.code.coding?.some((c) => c.code === code))?.valueQuantity?.value;

async function readBack(server: TaggedServer, it: Scenario, expected: Expected): Promise<string> {
  const found = await observation(server, scoreOf(it, expected));
  must(
    found.valueQuantity?.value === expected.total,
    `value ${found.valueQuantity?.value}, expected ${expected.total}`,
  );
  must(
    (found.dataAbsentReason !== undefined) === (expected.total === undefined),
    'dataAbsentReason where there is a value, or none where there is not',
  );
  for (const [code, value] of Object.entries(expected.components ?? {}))
    must(component(found, code) === value, `${code} ${component(found, code)}, expected ${value}`);
  return expected.source;
}

const pair = (it: Scenario, code: string, visit: string): string => pairId(code, it.patient, it.therapist, visit);

async function readPairs(server: TaggedServer, it: Scenario): Promise<string> {
  const dyad = await observation(server, pair(it, 'wai-s-dyad', 'm3'));
  must(dyad.valueQuantity?.value === it.dyad.total, `dyad ${dyad.valueQuantity?.value}, expected ${it.dyad.total}`);
  const lonely = await observation(server, pair(it, 'wai-s-dyad', 'm6'));
  must(
    lonely.status === 'preliminary' && lonely.valueQuantity === undefined,
    'the dyad without its therapist is not preliminary',
  );
  const change = await observation(server, pair(it, 'wai-s-p-change', 'm6'));
  must(change.valueQuantity?.value === it.change, `change ${change.valueQuantity?.value}, expected ${it.change}`);
  return `dyad ${it.dyad.total}, change ${it.change}, one partner missing`;
}

async function findThem(server: TaggedServer, it: Scenario): Promise<string> {
  const [page] = await server.searchAll([
    {
      type: 'Observation',
      params: [
        ['subject', it.patient],
        ['code', 'https://w3id.org/vincle/CodeSystem/measure|wai-s-p'],
      ],
    },
  ]);
  must(page?.resources.length === 2, `${page?.resources.length} found, 2 expected`);
  return '2 found';
}

async function amend(server: TaggedServer, it: Scenario, compute: () => Promise<AllianceRun>): Promise<string> {
  const first = it.responses[0];
  const all = Array.from({ length: 12 }, (_, index) => ({
    linkId: `wai-${index + 1}`,
    answer: [{ valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/wai-s-frequency', code: '4' } }],
  }));
  const kept = first?.item?.filter((item) => item.linkId === 'rated-therapist') ?? [];
  await store(server, [{ ...first, status: 'amended', item: [...kept, ...all] } as FhirResource]);
  await compute();
  const dyad = await observation(server, pair(it, 'wai-s-dyad', 'm3'));
  const change = await observation(server, pair(it, 'wai-s-p-change', 'm6'));
  must(
    dyad.status === 'amended' && dyad.valueQuantity?.value === 0,
    `dyad ${dyad.status} ${dyad.valueQuantity?.value}, expected amended 0`,
  );
  must(change.valueQuantity?.value === 70 - 48, `change ${change.valueQuantity?.value}, expected 22`);
  return 'all twelve answers 4: total 48, dyad 0, change 22';
}

async function withdraw(server: TaggedServer, it: Scenario, compute: () => Promise<AllianceRun>): Promise<string> {
  const sus = it.expected.find((e) => e.code === 'sus');
  const response = it.responses.find((r) => `QuestionnaireResponse/${r.id}` === sus?.response);
  await store(server, [{ ...response, status: 'entered-in-error' } as FhirResource]);
  await compute();
  const found = await observation(server, sus === undefined ? '' : scoreOf(it, sus));
  must(found.status === 'entered-in-error', `status ${found.status}`);
  return 'entered-in-error';
}

async function cleanUp(server: TaggedServer): Promise<string> {
  const left = await server.deleteAll();
  must(left.length === 0, `left on the server: ${left.join(', ')}`);
  return `${server.made.size} deleted`;
}

/** The run as a FHIR TestReport, for whoever keeps a conformance record. */
export function testReport(results: readonly StepResult[], server: string, now: string): TestReport {
  const failed = results.filter((it) => it.result === 'fail').length;
  return {
    resourceType: 'TestReport',
    name: 'Vincle interoperability',
    status: 'completed',
    testScript: { display: 'tests/interop' },
    result: failed === 0 ? 'pass' : 'fail',
    score: Math.round((100 * results.filter((it) => it.result === 'pass').length) / results.length),
    tester: 'Vincle',
    issued: now,
    participant: [{ type: 'server', uri: server }],
    test: results.map((it) => ({ name: it.step, action: [{ operation: { result: it.result, message: it.detail } }] })),
  };
}
