import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectFhir } from '../../src/fhir/connect.ts';
import { vincle } from '../faults/vincle.ts';
import { loadTrial, reportTrial } from '../statistics/synthetic-trial.ts';
import { expectGolden } from '../statistics/trial-golden.ts';
import { sharedRig } from './rig/shared.ts';

let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-paper-'));
  env = await loadTrial(connectFhir({ baseUrl: sharedRig().hapi, auth: { kind: 'none' } }), folder);
  // 1: the trial holds forms that must be refused.
  expect((await vincle(['job', 'alliance'], env)).code).toBe(1);
}, 400_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\r\n').sort();

test('the data set of a trial of 184 on HAPI is, line by line, the one that R read', async () => {
  const file = join(folder, 'trial.csv');
  const { code, stderr } = await reportTrial('csv', file, env);
  expect([code, stderr]).toEqual([0, expect.stringContaining('patients in')]);
  expect(linesOf(file)).toEqual(linesOf(resolve('tests/statistics/golden/trial.csv')));
}, 120_000);

test('the analysis of that trial on HAPI has R’s numbers', async () => {
  const file = join(folder, 'trial.json');
  expect((await reportTrial('json', file, env)).code).toBe(0);
  const { analysis, manifest } = JSON.parse(readFileSync(file, 'utf8'));
  expectGolden(analysis);
  expect(manifest.checks).toMatchObject({ changedWhileRead: false, exposures: 'read' });
}, 120_000);

test('the page of that trial says the difference that the analysis found', async () => {
  const [page, json] = [join(folder, 'trial.html'), join(folder, 'trial.json')];
  expect((await reportTrial('html', page, env)).code).toBe(0);
  const { analysis } = JSON.parse(readFileSync(json, 'utf8'));
  const patient = analysis.findings.development.find((it: { rater: string }) => it.rater === 'patient');
  const shown = Math.abs(patient.contrasts[0].difference.estimate).toFixed(1);
  expect(readFileSync(page, 'utf8')).toContain(shown);
}, 120_000);
