import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Observation, QuestionnaireResponse } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, ResourceType } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { type Scenario, scenario } from '../interop/scenario.ts';
import { type Answered, type FaultProxy, isBatch, isTransaction, type Passing, startProxy } from './proxy.ts';
import { locksEnd, startVincle, vincle } from './vincle.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const json = (status: number, body: unknown, headers = {}): Answered => ({
  status,
  headers: { 'content-type': 'application/fhir+json', ...headers },
  body: JSON.stringify(body),
});
const outcome = (status: number, headers = {}) =>
  json(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] }, headers);
const NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml">of the server</div>';
const HTML: Answered = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please log in</html>' };

/** What a hospital's network, server and clock do on a bad day, against a real server behind a proxy that does it. */
export function badDays(name: string, baseUrlOf: () => string): void {
  describe(`bad days, ${name}`, () => {
    const slept: number[] = [];
    let proxy: FaultProxy;
    let direct: FhirServer;
    let folder: string;
    let serial = 0;
    let it: Scenario;
    let state: State;

    beforeAll(async () => {
      proxy = await startProxy(baseUrlOf());
      direct = connectFhir({ baseUrl: baseUrlOf(), auth: { kind: 'none' } });
      folder = mkdtempSync(join(tmpdir(), 'vincle-bad-days-'));
    });
    afterAll(async () => {
      await proxy.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      serial += 1;
      it = scenario(`bad-${process.pid.toString(36)}-${name.length}-${serial}`);
      proxy.faults.length = 0;
      proxy.seen.length = 0;
      slept.length = 0;
      state = await openState('sqlite::memory:');
      await direct.transaction([...it.programme, ...it.responses].map((resource) => ({ method: 'PUT', resource })));
    });

    const stateFile = () => `sqlite:${join(folder, `${serial}.sqlite`)}`;
    const env = (): Record<string, string> => ({
      FHIR_BASE_URL: proxy.baseUrl,
      STUDY: it.study,
      STATE_URL: stateFile(),
      FHIR_TIMEOUT_MS: '20000',
    });

    async function run(
      options: { clientIds?: 'auto' | 'no'; all?: boolean; attempts?: number; timeoutMs?: number; state?: State } = {},
    ) {
      const clock = { now: Date.now, random: () => 0.5, sleep: async (ms: number) => void slept.push(ms) };
      const server = connectFhir({
        baseUrl: proxy.baseUrl,
        auth: { kind: 'none' },
        timeoutMs: options.timeoutMs ?? 20_000,
        clientIds: options.clientIds ?? 'auto',
        retry: { attempts: options.attempts ?? 4 },
        clock,
      });
      const content = await loadContent({ shipped: ROOT, baseUrl: proxy.baseUrl });
      const context = {
        content,
        display: displayOf(content.resources),
        settings: { study: it.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: proxy.baseUrl },
      };
      return computeAlliance(
        { server, state: options.state ?? state, context },
        { all: options.all ?? false, overlapMs: 60_000, now: Date.now, holder: `${serial}`, pause: async () => {} },
      );
    }
    const failing = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'no failure',
        (error) => error.kind ?? String(error),
      );

    async function all<T extends ResourceType>(type: T, parameter: string) {
      const found = [];
      for await (const page of direct.search({
        type,
        params: [
          [parameter, it.patient],
          ['_count', '500'],
        ],
      }))
        found.push(...page.resources);
      return found;
    }
    const derived = async (): Promise<Observation[]> => (await all('Observation', 'subject')) as Observation[];
    /** Every score by hand, each once, one dyad with both, one without, one change. */
    async function expectWhole() {
      const found = await derived();
      const ids = found.map((o) => o.identifier?.[0]?.value);
      expect([found.length, new Set(ids).size]).toEqual([it.expected.length + 3, it.expected.length + 3]);
      for (const { response, code, total } of it.expected) {
        const own = it.responses.find((r) => `QuestionnaireResponse/${r.id}` === response) as QuestionnaireResponse;
        expect(found.find((o) => o.id === scoreId(code, responseKey(own)))?.valueQuantity?.value).toBe(total);
      }
    }

    describe('the server is not itself', () => {
      test.each([
        ['is down', { cutBefore: true as const }, 'unreachable'],
        ['answers 500', { answer: outcome(500) }, 'unreachable'],
        ['answers 503', { answer: outcome(503) }, 'unreachable'],
        ['answers 429 for ever', { answer: outcome(429, { 'retry-after': '1' }) }, 'throttled'],
        ['answers with an HTML page', { answer: HTML }, 'malformed'],
        ['sends half a body', { half: true as const }, 'unreachable'],
        ['is silent', { silent: true as const }, 'unreachable'],
        ['wants to log us in', { answer: outcome(401) }, 'unauthorized'],
      ])('it %s: the run says so, the checkpoint stays, and the next run does the work', async (_what, fault, kind) => {
        proxy.faults.push({ when: () => true, times: 1_000, ...fault });
        expect(await failing(run({ attempts: 3, timeoutMs: 400 }))).toBe(kind);
        expect(await state.readCheckpoint('alliance')).toBeUndefined();
        proxy.faults.length = 0;
        await run();
        await expectWhole();
      });
      test('a next link to another host is not followed, and nothing is sent there', async () => {
        proxy.faults.push({
          when: (r) => r.method === 'GET',
          times: 1,
          reply: (a) => ({
            ...a,
            body: a.body.replace('"link":[', '"link":[{"relation":"next","url":"http://192.0.2.1/fhir?page=2"},'),
          }),
        });
        expect(await failing(run())).toBe('malformed');
        expect(await state.readCheckpoint('alliance')).toBeUndefined();
        await run();
        await expectWhole();
      });
      test('429 with Retry-After is waited for as long as it asks, and then the run goes on', async () => {
        proxy.faults.push({ when: isBatch, answer: outcome(429, { 'retry-after': '7' }) });
        await run();
        expect(slept).toContain(7_000);
        await expectWhole();
      });
      test('the command ends with 3 while the server is down', async () => {
        proxy.faults.push({ when: () => true, times: 1_000, cutBefore: true });
        const { code, stdout } = await vincle(['job', 'alliance', '--json'], { ...env(), FHIR_ATTEMPTS: '1' });
        expect([code, stdout]).toEqual([3, '']);
      });
    });

    describe('a write is cut off', () => {
      test.each([
        ['before', { cutBefore: true as const }],
        ['after', { cutAfter: true as const }],
      ])('%s it reached the server: it is sent again, and stands there once', async (_when, fault) => {
        proxy.faults.push({ when: isTransaction, ...fault });
        const { written } = await run();
        expect(written).toBe(it.expected.length + 3);
        await expectWhole();
        expect((await run({ all: true })).written).toBe(0);
      });
      test('a conflict that somebody else’s write left behind is tried again', async () => {
        proxy.faults.push({ when: isTransaction, times: 2, answer: outcome(409) });
        await run();
        await expectWhole();
      });
      test('killed at every write boundary and started again on the same state, the job ends where an undisturbed one does', async () => {
        const writes = (r: Passing) => r.method === 'PUT' && r.path.includes('/Observation/');
        let kills = 0;
        let code = -1;
        // Without transactions each Observation is a boundary of its own. Each process is killed at its first write, by
        // turns after the server has it and before the next one reaches the server: together they pass every boundary.
        while (code === -1 && kills < 60) {
          const running = { kill: () => {}, seen: 0 };
          const isBoundary = (r: Passing) => writes(r) && ++running.seen === (kills % 2 === 0 ? 1 : 2);
          proxy.faults.length = 0;
          proxy.faults.push({ when: isTransaction, times: 1_000, answer: outcome(501) });
          proxy.faults.push(
            kills % 2 === 0
              ? { when: isBoundary, after: () => running.kill(), cutAfter: true }
              : { when: isBoundary, before: () => running.kill(), cutBefore: true },
          );
          const job = startVincle(['job', 'alliance', '--json'], env());
          running.kill = () => {
            kills += 1;
            job.kill();
          };
          ({ code } = await job.ended);
          locksEnd(stateFile());
        }
        expect(code).toBe(0);
        expect(kills).toBeGreaterThanOrEqual(it.expected.length + 2);
        await expectWhole();
        proxy.faults.length = 0;
        proxy.seen.length = 0;
        expect((await run({ all: true })).written).toBe(0);
        // A process for each boundary: on a busy machine that takes minutes.
      }, 600_000);
      test('killed before its checkpoint, the job reads again and writes nothing twice', async () => {
        const job = startVincle(['job', 'alliance', '--json'], env());
        proxy.faults.push({ when: isTransaction, after: () => job.kill(), cutAfter: true });
        expect((await job.ended).code).toBe(-1);
        locksEnd(stateFile());
        const { code, stdout } = await vincle(['job', 'alliance', '--json'], env());
        expect([code, JSON.parse(stdout).written]).toEqual([0, 0]);
        await expectWhole();
      });
    });

    describe('the server differs', () => {
      test('it makes a new version of an identical PUT: what is unchanged stays in its version', async () => {
        let told = 0;
        // A narrative of the server's own, another each time: no PUT is identical to what stands there.
        const narrated = (body: string) =>
          body.replaceAll('"resourceType":"Observation",', () => {
            told += 1;
            const div = `<div xmlns=\\"http://www.w3.org/1999/xhtml\\">${told}</div>`;
            return `"resourceType":"Observation","text":{"status":"generated","div":"${div}"},`;
          });
        proxy.faults.push({ when: isTransaction, times: 1_000, rewrite: (r) => ({ ...r, body: narrated(r.body) }) });
        await run();
        const written = told;
        const same = (await direct.read('Observation', (await derived())[0]?.id ?? '')) as Observation;
        await direct.write({ method: 'PUT', resource: { ...same, text: { status: 'empty', div: NARRATIVE } } });
        expect((await direct.read('Observation', same.id ?? ''))?.meta?.versionId).toBe('2');
        expect((await run({ all: true })).written).toBe(0);
        expect(told).toBe(written);
        const versions = (await derived()).map((o) => (o.id === same.id ? '1' : o.meta?.versionId));
        expect(new Set(versions)).toEqual(new Set(['1']));
      });
      test('it ignores search parameters and returns everything: nobody else’s resource is touched', async () => {
        const foreign: Observation = {
          resourceType: 'Observation',
          id: `${it.study.split('/')[1]}-foreign`,
          status: 'final',
          code: { text: 'of the hospital' },
          subject: { reference: it.patient },
        };
        await direct.write({ method: 'PUT', resource: foreign });
        proxy.faults.push({
          when: isBatch,
          times: 1_000,
          rewrite: (r) => ({ ...r, body: r.body.replace(/&code=[^&"]*/g, '') }),
        });
        await run();
        expect((await derived()).filter((one) => one.id !== foreign.id)).toHaveLength(it.expected.length + 3);
        expect((await direct.read('Observation', foreign.id ?? ''))?.meta?.versionId).toBe('1');
        expect((await run({ all: true })).written).toBe(0);
      });
      test('it matches questionnaire only with its version: the responses are found', async () => {
        const versioned = (text: string) =>
          text.replace(
            /(questionnaire=)([^&"]*)/g,
            (_all, key: string, value: string) =>
              key +
              value
                .split('%2C')
                .filter((v) => v.includes('%7C'))
                .join('%2C'),
          );
        proxy.faults.push({
          when: () => true,
          times: 1_000,
          rewrite: (r) => ({ ...r, path: versioned(r.path), body: versioned(r.body) }),
        });
        await run();
        await expectWhole();
      });
      test('it says 412 where another says 409: a moved response is read again and computed again', async () => {
        await run();
        const [first] = it.responses;
        await direct.write({
          method: 'PUT',
          resource: { ...first, status: 'entered-in-error' } as QuestionnaireResponse,
        });
        proxy.faults.push({ when: isTransaction, answer: outcome(412) });
        const { withdrawn, failed } = await run();
        expect([withdrawn > 0, failed]).toEqual([true, 0]);
      });
      test('it gives its own ids: what is derived is found and kept by identifier, and a second full run writes nothing', async () => {
        await run({ clientIds: 'no' });
        const found = await derived();
        expect(found.map((o) => o.id === o.identifier?.[0]?.value)).toEqual(found.map(() => false));
        const dyad = found.find((o) => o.code.coding?.[0]?.code === 'wai-s-dyad' && o.valueQuantity !== undefined);
        const sources = found.filter(
          (o) =>
            o.code.coding?.[0]?.code?.startsWith('wai-s-') && !o.derivedFrom?.[0]?.reference?.startsWith('Observation'),
        );
        expect(dyad?.valueQuantity?.value).toBe(it.dyad.total);
        expect(sources.map((o) => `Observation/${o.id}`)).toEqual(
          expect.arrayContaining((dyad?.derivedFrom ?? []).map((r) => r.reference)),
        );
        expect((await run({ clientIds: 'no', all: true })).written).toBe(0);
      });
      test('it turns out to refuse ids of a client’s: the run finds out and goes on by identifier', async () => {
        const refusesIds = (r: Passing) =>
          /"url":"Observation\/[0-9a-f]{8}-/.test(r.body) ||
          (r.method === 'PUT' && r.path.includes('/Observation/vincle-probe'));
        proxy.faults.push({ when: refusesIds, times: 1_000, answer: outcome(400) });
        const { failed } = await run();
        expect([failed, (await derived()).length]).toEqual([0, it.expected.length + 3]);
      });
      test('it knows no transactions: one resource after the other, and the same in the end', async () => {
        proxy.faults.push({ when: isTransaction, times: 1_000, answer: outcome(501) });
        await run();
        await expectWhole();
      });
      test('it knows no batches: one search after the other, and the same in the end', async () => {
        proxy.faults.push({ when: isBatch, times: 1_000, answer: outcome(501) });
        await run();
        await expectWhole();
      });
    });

    describe('two at once', () => {
      test('two jobs on one state: one works, the other says who holds the lock, and everything stands once', async () => {
        const jobs = await Promise.all([
          vincle(['job', 'alliance', '--json'], env()),
          vincle(['job', 'alliance', '--json'], env()),
        ]);
        for (const { code, stderr } of jobs) expect(code === 0 || stderr.includes('is being run by')).toBe(true);
        expect(jobs.some(({ code }) => code === 0)).toBe(true);
        await expectWhole();
      });
      test('eight writers of the same keys, none knowing of another, leave each resource once and right', async () => {
        const states = await Promise.all(Array.from({ length: 8 }, () => openState('sqlite::memory:')));
        await Promise.all(states.map((own) => run({ all: true, state: own, attempts: 10 })));
        await Promise.all(states.map((own) => own.close()));
        await expectWhole();
      });
      test('a response amended while it is being scored: the next run has the amended score', async () => {
        const first = it.responses[0] as QuestionnaireResponse;
        const answers = Array.from({ length: 12 }, (_, index) => ({
          linkId: `wai-${index + 1}`,
          answer: [{ valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/wai-s-frequency', code: '4' } }],
        }));
        const amended: QuestionnaireResponse = {
          ...first,
          status: 'amended',
          item: [...(first.item ?? []).filter((i) => i.linkId === 'rated-therapist'), ...answers],
        };
        proxy.faults.push({
          when: isTransaction,
          before: async () => void (await direct.write({ method: 'PUT', resource: amended })),
        });
        await run();
        await run();
        const score = await direct.read('Observation', scoreId('wai-s-p', responseKey(first)));
        expect([score?.valueQuantity?.value, score?.status]).toEqual([48, 'amended']);
      });
    });

    test('a stored response of 5 MB that is no answer to its form is refused with the reason, and holds nobody up', async () => {
      const text = 'x'.repeat(5 * 1024 * 1024);
      const huge: QuestionnaireResponse = {
        ...(it.responses[3] as QuestionnaireResponse),
        id: `${it.study.split('/')[1]}-huge`,
        identifier: { system: 'urn:vincle:test', value: `${serial}-huge` },
        item: [{ linkId: 'sus-1', answer: [{ valueString: text }] }],
      };
      await direct.write({ method: 'PUT', resource: huge });
      const { refused, reasons } = await run();
      expect([refused, reasons['wrong-type']]).toEqual([1, 1]);
      await expectWhole();
      const [task] = await all('Task', 'patient');
      expect(JSON.stringify(task)).not.toContain('xxxx');
    });
  });
}
