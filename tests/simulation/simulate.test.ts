import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { CarePlan, Task } from 'fhir/r4.js';
import { codeSystem } from '../../src/domain/canonicals.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { Year } from '../../src/simulation/year.ts';
import { vincle } from '../faults/vincle.ts';

jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-simulate-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const simulate = async (args: readonly string[], env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await vincle(['simulate', ...args], { LOG_LEVEL: 'silent', ...env });
  return { code, stderr, stdout };
};
const SHORT = ['--patients', '8', '--months', '4'];
/** What happened, apart from how long it took. */
const courseOf = ({ ticks, violations, checked, levels }: Year) => ({ ticks, violations, checked, levels });

test('a simulated course keeps every invariant, and the same seed gives it again', async () => {
  const picture = join(folder, 'course.svg');
  const first = await simulate([...SHORT, '--seed', '3', '--json', '--picture', picture]);
  const again = await simulate([...SHORT, '--seed', '3', '--json']);
  const other = await simulate([...SHORT, '--seed', '4', '--json']);
  expect([first.code, again.code, other.code]).toEqual([0, 0, 0]);
  const year: Year = JSON.parse(first.stdout);
  expect(year.violations).toEqual([]);
  expect(courseOf(JSON.parse(again.stdout))).toEqual(courseOf(year));
  expect(courseOf(JSON.parse(other.stdout))).not.toEqual(courseOf(year));
  expect(year.ticks).toHaveLength(18);
  // Half of the eight are of the digital arm; some of them may have died or left by then.
  const inCare = Object.values(year.ticks.at(-1)?.levels ?? {}).reduce((sum, it) => sum + it, 0);
  expect([inCare > 0, inCare <= 4]).toEqual([true, true]);
  expect(year.ticks.reduce((sum, it) => sum + it.answers, 0)).toBeGreaterThan(50);
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toMatch(/^<svg .*role="img" aria-label="Levels of care over time/s);
});

test('without --json a person reads a table by month, what it cost, and that every invariant held', async () => {
  const { code, stdout } = await simulate(['--patients', '4', '--months', '2']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/month +1-monitoring .* signs/);
  expect(stdout).toMatch(/For a patient and year: [\d.]+ requests/);
  expect(stdout).toContain('Every invariant held');
});

test('options that cannot be are refused with exit 2', async () => {
  for (const args of [
    ['--patients', '1'],
    ['--months', '0'],
    ['--start', '2025-13-01'],
    ['--seed', 'x'],
  ])
    expect((await simulate(args)).code).toBe(2);
});

test('beside a real stepped-care CarePlan the simulation does not start: its clock is moved', async () => {
  const embedded: Embedded = await startEmbedded();
  try {
    const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
    const real: CarePlan = {
      resourceType: 'CarePlan',
      id: 'real-plan',
      status: 'active',
      intent: 'plan',
      category: [{ coding: [{ system: codeSystem('stepped-care-level'), code: '1-monitoring' }] }],
      subject: { reference: 'Patient/real' },
    };
    await server.write({ method: 'PUT', resource: { resourceType: 'Patient', id: 'real' } });
    await server.write({ method: 'PUT', resource: real });
    const refused = await simulate(SHORT, { FHIR_BASE_URL: embedded.baseUrl });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('not tagged synthetic');
    const [page] = await server.searchAll([{ type: 'Patient', params: [] }]);
    expect(page?.resources.map(({ id }) => id)).toEqual(['real']);
  } finally {
    await embedded.stop();
  }
});

test('the worked example of a site lives through the months too: the longer form is asked where the thermometer calls for it, and every invariant holds', async () => {
  const embedded: Embedded = await startEmbedded();
  try {
    const { code, stdout } = await simulate(
      ['--patients', '6', '--months', '2', '--tick-days', '2', '--seed', '3', '--json'],
      {
        FHIR_BASE_URL: embedded.baseUrl,
        CONTENT_DIR: 'docs/examples/protocol',
      },
    );
    const year: Year = JSON.parse(stdout);
    expect([code, year.violations]).toEqual([0, []]);
    const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
    const tasks: Task[] = [];
    for await (const page of server.search({ type: 'Task', params: [['_count', '500']] }))
      tasks.push(...page.resources);
    const called = tasks.filter((it) => it.reasonReference !== undefined);
    expect(called.map((it) => it.status)).toContain('completed');
    for (const it of called)
      expect(it.input?.[0]?.valueCanonical).toBe('https://w3id.org/vincle/Questionnaire/hads|1.0.0');
  } finally {
    await embedded.stop();
  }
});
