import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CronExpressionError, cronProblems } from '../../src/jobs/cron-ticker.ts';
import { LeaseLostError } from '../../src/jobs/job-lock.ts';
import { type ScheduleEvent, StoppedError, schedule } from '../../src/jobs/schedule.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { eventually } from '../state/other-process.ts';
import { manualTicker, openEndedRun } from './manual-ticker.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
let state: State;
beforeEach(async () => {
  state = await openState('sqlite::memory:');
});
afterEach(() => state.close());

function scheduled(run: (signal: AbortSignal) => Promise<unknown>, more: { holder?: string; ttlMs?: number } = {}) {
  const events: ScheduleEvent[] = [];
  const hand = manualTicker();
  const job = schedule({
    state,
    job: 'alliance',
    holder: 'ward-3:1',
    now: () => NOON,
    cron: '*/5 * * * *',
    run,
    ticker: hand.ticker,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { ...hand, job, events };
}

test('each time the job runs once, and how it went is kept', async () => {
  const it = scheduled(async () => ({ read: 3 }));
  await it.tick();
  await it.tick();
  const run = {
    job: 'alliance',
    startedAt: '2026-03-01T12:00:00.000Z',
    endedAt: '2026-03-01T12:00:00.000Z',
    ok: true,
    result: { read: 3 },
  };
  expect(await state.lastRuns('alliance', 5)).toEqual([run, run]);
  expect(it.job.counts).toEqual({ finished: 2, failed: 0, held: 0, missed: 0 });
});

test('a time that comes while the job runs is skipped and counted', async () => {
  const { run, started, end } = openEndedRun();
  const it = scheduled(run);
  const first = it.tick();
  await started;
  await it.tick();
  await it.tick();
  end('done');
  await first;
  expect(it.events.map((event) => event.kind)).toEqual(['missed', 'missed', 'finished']);
  expect(await state.lastRuns('alliance', 5)).toHaveLength(1);
});

test('a job that another process runs is not run, and that process is named', async () => {
  const { run, started, end } = openEndedRun();
  const one = scheduled(run, { holder: 'ward-3:1' });
  const other = scheduled(async () => 'never', { holder: 'ward-4:2' });
  const first = one.tick();
  await started;
  await other.tick();
  expect(other.events).toMatchObject([{ kind: 'held', job: 'alliance', heldBy: { holder: 'ward-3:1' } }]);
  end('done');
  await first;
  await other.tick();
  expect(other.job.counts).toMatchObject({ finished: 1, held: 1 });
});

test('a run that fails is kept as failed without the text of its failure, and the next one runs', async () => {
  let runs = 0;
  const it = scheduled(async () => {
    runs += 1;
    if (runs === 1) throw new SyntaxError('Unexpected token in "my therapist"');
    return 'well';
  });
  await it.tick();
  await it.tick();
  expect((await state.lastRuns('alliance', 5)).map(({ ok, result }) => ({ ok, result }))).toEqual([
    { ok: true, result: 'well' },
    { ok: false, result: { error: 'SyntaxError' } },
  ]);
  expect(it.events.map((event) => event.kind)).toEqual(['failed', 'finished']);
});

test('a run whose lock went to another process is ended, and what it gives back is no result', async () => {
  let aborted: unknown;
  const it = scheduled(
    (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = signal.reason;
          resolve('too late');
        });
      }),
    { ttlMs: 90 },
  );
  const run = it.tick();
  // The machine slept past the term of its lease, and another one took over.
  await eventually(() => state.acquire(['job/alliance'], 'ward-4:2', 60_000, NOON + 100));
  await run;
  expect(aborted).toBeInstanceOf(LeaseLostError);
  expect(it.events).toMatchObject([{ kind: 'failed', error: aborted }]);
  expect(await state.lastRuns('alliance', 5)).toMatchObject([{ ok: false, result: { error: 'LeaseLostError' } }]);
  expect((await state.holderOf('job/alliance', NOON))?.holder).toBe('ward-4:2');
});

test('a run that lasts longer than its lock’s term keeps the lock', async () => {
  const { run, started, end } = openEndedRun();
  let renewals = 0;
  const watched: State = {
    ...state,
    acquire: async (...asked) => {
      const lease = await state.acquire(...asked);
      const renew = (ttlMs: number, now?: number) => {
        renewals += 1;
        return lease?.renew(ttlMs, now) ?? Promise.resolve(false);
      };
      return lease && { ...lease, renew };
    },
  };
  const hand = manualTicker();
  const options = { state: watched, job: 'alliance', holder: 'ward-3:1', cron: '* * * * *', run, ttlMs: 600 };
  const job = schedule({ ...options, ticker: hand.ticker });
  const tick = hand.tick();
  await started;
  await eventually(async () => (renewals >= 4 ? true : undefined));
  expect(await state.acquire(['job/alliance'], 'ward-4:2', 600, Date.now())).toBeUndefined();
  end('done');
  await tick;
  expect(job.counts.finished).toBe(1);
});

test('a run is ended before its lock can expire where the state store is out of reach', async () => {
  const broken: State = {
    ...state,
    acquire: async (...asked) => {
      const lease = await state.acquire(...asked);
      return lease && { ...lease, renew: () => Promise.reject(new Error('connection refused')) };
    },
  };
  const { run } = openEndedRun();
  const hand = manualTicker();
  const events: ScheduleEvent[] = [];
  const options = { state: broken, job: 'alliance', holder: 'ward-3:1', cron: '* * * * *', run, ttlMs: 1_500 };
  schedule({ ...options, ticker: hand.ticker, onEvent: (event) => events.push(event) });
  const begun = performance.now();
  await hand.tick();
  expect(performance.now() - begun).toBeLessThan(1_500);
  expect(events).toMatchObject([{ kind: 'failed', error: { name: 'LeaseLostError' } }]);
});

test('a stopped schedule lets the run under way finish, gives its lock back and runs no more', async () => {
  const { run, started, end } = openEndedRun();
  const it = scheduled(run);
  const first = it.tick();
  await started;
  const stopping = it.job.stop(10_000);
  end('done');
  expect(await stopping).toBe('finished');
  await first;
  await it.tick();
  expect(it.isStopped()).toBe(true);
  expect(it.job.counts).toEqual({ finished: 1, failed: 0, held: 0, missed: 0 });
  expect(await state.holderOf('job/alliance', NOON)).toBeUndefined();
});

test('a run that outlasts the grace period is aborted and told why', async () => {
  const { run, started } = openEndedRun();
  const it = scheduled(run);
  const first = it.tick();
  await started;
  expect(await it.job.stop(30)).toBe('aborted');
  await first;
  expect(it.events).toMatchObject([{ kind: 'failed', error: expect.any(StoppedError) }]);
  expect(await state.holderOf('job/alliance', NOON)).toBeUndefined();
});

test('a run that heeds nothing is abandoned, so that the process can end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const it = scheduled(() => promise);
  const first = it.tick();
  await eventually(() => state.holderOf('job/alliance', NOON));
  expect(await it.job.stop(20)).toBe('abandoned');
  resolve();
  await first;
});

test('a schedule with nothing under way stops at once', async () => {
  expect(await scheduled(async () => 1).job.stop(10_000)).toBe('idle');
});

test.each(['61 * * * *', '* * *', 'every day', '', '* 25 * * *'])('the expression "%s" is refused by name', (cron) => {
  expect(cronProblems(cron)).not.toEqual([]);
  const options = { state, job: 'alliance', holder: 'x', run: async () => 1, cron };
  expect(() => schedule(options)).toThrow(CronExpressionError);
});

test.each(['*/5 * * * *', '0 3 * * 1-5', '*/10 * * * * *'])('the expression "%s" is accepted', (cron) => {
  expect(cronProblems(cron)).toEqual([]);
});
