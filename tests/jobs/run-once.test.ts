import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FhirError } from '../../src/fhir/port.ts';
import { JobHeldError, runOnce } from '../../src/jobs/run-once.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { openEndedRun } from './manual-ticker.ts';

let state: State;
beforeEach(async () => {
  state = await openState('sqlite::memory:');
});
afterEach(() => state.close());
const once = <T>(run: (signal: AbortSignal) => Promise<T>, holder = 'ward-3:1') =>
  runOnce({ state, job: 'alliance', holder, run });

test('a single run gives back its result, is kept, and leaves no lock', async () => {
  expect(await once(async () => ({ scored: 12 }))).toEqual({ scored: 12 });
  expect(await state.lastRuns('alliance', 2)).toMatchObject([{ ok: true, result: { scored: 12 } }]);
  expect(await state.holderOf('job/alliance', Date.now())).toBeUndefined();
});

test('a single run beside another one says who holds the job, and does nothing', async () => {
  const { run, started, end } = openEndedRun();
  const first = once(run, 'ward-3:1');
  await started;
  const second = once(async () => 'never', 'ward-4:2');
  await expect(second).rejects.toThrow(/^The job alliance is being run by ward-3:1\. Its lock ends at 20.*Z unless/);
  await expect(second).rejects.toBeInstanceOf(JobHeldError);
  end('done');
  await first;
  expect(await state.lastRuns('alliance', 5)).toHaveLength(1);
});

test('a single run that does not reach the server fails with that, is kept with the reason, and leaves no lock', async () => {
  const unreachable = new FhirError('unreachable', 'GET Patient: no answer within 30000 ms');
  await expect(once(() => Promise.reject(unreachable))).rejects.toBe(unreachable);
  expect(await state.lastRuns('alliance', 2)).toMatchObject([
    { ok: false, result: { error: 'FhirError unreachable: GET Patient: no answer within 30000 ms' } },
  ]);
  expect(await state.holderOf('job/alliance', Date.now())).toBeUndefined();
});
