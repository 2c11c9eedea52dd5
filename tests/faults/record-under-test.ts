import { afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { FhirResource, Observation, OperationOutcome, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { pairId, responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { type Scenario, scenario } from '../interop/scenario.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** One synthetic patient's record on a server, fresh for each test; a second patient stands outside the programme. */
export function recordUnderTest(prefix: string, name: string, baseUrlOf: () => string) {
  let server: FhirServer;
  let content: Content;
  let state: State;
  let it: Scenario;
  let serial = 0;

  beforeAll(async () => {
    server = connectFhir({ baseUrl: baseUrlOf(), auth: { kind: 'none' } });
    content = await loadContent({ shipped: ROOT, baseUrl: baseUrlOf() });
  });
  beforeEach(async () => {
    serial += 1;
    it = scenario(`${prefix}-${process.pid.toString(36)}-${name.length}-${serial}`);
    state = await openState('sqlite::memory:');
    const other: FhirResource = { resourceType: 'Patient', id: `${it.patient.slice('Patient/'.length)}-other` };
    await put(other, ...it.programme);
    // Others keep patients on the same server: what is theirs is done before anything here is counted.
    await run();
  });
  afterEach(() => state.close());

  const put = async (...resources: FhirResource[]): Promise<void> => {
    const results = await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
    expect(results.filter(({ status }) => status > 201)).toEqual([]);
  };
  const run = (all = false) =>
    computeAlliance(
      {
        server,
        state,
        context: {
          content,
          display: displayOf(content.resources),
          settings: { study: it.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl },
        },
      },
      { all, overlapMs: 60_000, now: Date.now, holder: `${serial}`, pause: async () => {} },
    );
  const good = (): QuestionnaireResponse => it.responses[0] as QuestionnaireResponse;
  const named = (end: string): QuestionnaireResponse =>
    it.responses.find((r) => r.id?.endsWith(end)) as QuestionnaireResponse;
  const score = (r = good(), code = 'wai-s-p') => server.read('Observation', scoreId(code, responseKey(r)));
  const pair = (code: string, visit: string) =>
    server.read('Observation', pairId(code, it.patient, it.therapist, visit));
  const reviews = async (about: QuestionnaireResponse): Promise<Task[]> => {
    const found: Task[] = [];
    for await (const page of server.search({ type: 'Task', params: [['patient', it.patient]] }))
      found.push(...(page.resources as Task[]));
    return found.filter((task) => task.focus?.reference === `QuestionnaireResponse/${about.id}`);
  };
  const issues = (task: Task | undefined) =>
    (task?.contained?.[0] as OperationOutcome | undefined)?.issue.map(
      (issue) => `${issue.details?.text} ${issue.expression?.[0]}`,
    );
  const visitOf = (o: Observation | undefined) =>
    o?.component?.find((c) => c.code.coding?.some((k) => k.code === 'visit'))?.valueCodeableConcept?.coding?.[0]?.code;
  /** A full run finds nothing that the increments left undone. */
  const settled = async () => expect((await run(true)).written).toBe(0);
  return {
    get it() {
      return it;
    },
    get server() {
      return server;
    },
    put,
    run,
    good,
    named,
    score,
    pair,
    reviews,
    issues,
    visitOf,
    settled,
  };
}
