import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readPlan } from '../../src/analysis/read-plan.ts';

const shipped = (): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL('../../profiles/programme/analysis-plan.json', import.meta.url), 'utf8'));

test('the plan that ships is a plan: at least 50 imputations, shifts from 0 to −10', () => {
  const plan = readPlan(shipped());
  if ('faults' in plan) throw new Error(JSON.stringify(plan.faults));
  expect(plan.missing.imputations).toBeGreaterThanOrEqual(50);
  expect([plan.missing.deltas.at(0), plan.missing.deltas.at(-1)]).toEqual([0, -10]);
});

test.each([
  ['version', { version: '' }],
  ['date', { date: 'last year' }],
  ['primary', { primary: { outcome: 'observer', contrast: 'average' } }],
  ['comparison', { comparison: { of: 'usual', against: 'usual' } }],
  ['visits', { visits: ['m3', 'm3'] }],
  ['level', { level: 95 }],
  ['development', { development: { site: 'yes' } }],
  ['agreement', { agreement: { bootstrap: 0, minimumTherapists: 10, lateDays: 14 } }],
  [
    'associations',
    { associations: [{ variable: 'height', outcome: 'patient', coefficient: 'pearson', family: true }] },
  ],
  ['missing', { missing: { imputations: 20, deltas: [0] } }],
  ['seed', { seed: 0.5 }],
  ['minimum', { minimum: 1 }],
])('a plan whose %s is not as it must be is refused by that name', (path, change) => {
  const found = readPlan({ ...shipped(), ...change });
  expect('faults' in found && found.faults.map((it) => it.path)).toEqual([path]);
});
