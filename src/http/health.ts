import { randomUUID } from 'node:crypto';
import { DEVICE_ID } from '../domain/canonicals.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { withSafety } from '../pipeline/safety/safety-ports.ts';
import { safetyProblems } from '../pipeline/safety/safety-status.ts';
import { type Watch, watchState } from '../pipeline/safety/watch-down.ts';
import { lastGoodRun } from './metrics.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'server' | 'state' | 'content' | 'lastRun', boolean>>;
  /** Ready to watch over anybody; absent where there is no safety path. */
  readonly safety?: { readonly ready: boolean; readonly problems: readonly string[] };
}

export interface ReadinessOptions {
  readonly lastRunMaxAgeMs: number;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** How long one answer serves everybody who asks: the route is public, and each check costs requests. */
const KEPT_MS = 2_000;

/** Whether Vincle can do its work: the server answers, the state takes writes, content is there, the job is not late. */
export function readiness(ports: AlliancePorts, options: ReadinessOptions): () => Promise<Readiness> {
  const startedAt = options.now();
  let kept: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;
  return () => {
    const at = options.now();
    if (kept === undefined || at - kept.at > KEPT_MS) kept = { at, answer: check(ports, options, startedAt) };
    return kept.answer;
  };
}

async function check(ports: AlliancePorts, options: ReadinessOptions, startedAt: number): Promise<Readiness> {
  const [server, state, lastRun] = await Promise.all([
    within(options.timeoutMs, async () => {
      // Absent is an answer too.
      await ports.server.read('Device', DEVICE_ID);
      return true;
    }),
    within(options.timeoutMs, async () => {
      const id = randomUUID();
      const lease = await ports.state.acquire([`ready/${id}`], id, 10_000, options.now());
      await lease?.release();
      return lease !== undefined;
    }),
    within(options.timeoutMs, async () => {
      const ended = (await lastGoodRun(ports.state, 'alliance')) ?? startedAt;
      return options.now() - ended <= options.lastRunMaxAgeMs;
    }),
  ]);
  const content = ports.context.content.instruments.length > 0;
  const safety = await safetyReadiness(ports, options, startedAt);
  return { ready: server && state && lastRun && content, checks: { server, state, content, lastRun }, ...safety };
}

async function safetyReadiness(
  ports: AlliancePorts,
  options: ReadinessOptions,
  startedAt: number,
): Promise<Pick<Readiness, 'safety'>> {
  const safety = withSafety(ports);
  if (safety === undefined) return {};
  let problems: readonly string[] = ['the delivery channel does not answer in time'];
  await within(options.timeoutMs, async () => {
    problems = await safetyProblems(safety, options.now(), startedAt);
    return true;
  });
  return { safety: { ready: problems.length === 0, problems } };
}

/** Whether signs of danger are looked for at this moment; `undefined` where nobody is to. */
export async function watchOf(ports: AlliancePorts, nowMs: number, startedMs: number): Promise<Watch | undefined> {
  const safety = withSafety(ports);
  return safety === undefined ? undefined : watchState(ports.state, safety.safety, nowMs, startedMs);
}

async function within(ms: number, ask: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([ask().catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last runs of the jobs: counts, never patient data. */
export async function lastRunsOf({ state }: AlliancePorts): Promise<Record<string, unknown>> {
  const runs = await Promise.all(
    ['alliance', 'outbox', 'safety', 'escalate', 'steps', 'schedule'].map(
      async (job) => [job, await state.lastRuns(job, 1)] as const,
    ),
  );
  return Object.fromEntries(
    runs.flatMap(([job, [last]]) =>
      last === undefined ? [] : [[job, { startedAt: last.startedAt, endedAt: last.endedAt, ok: last.ok }]],
    ),
  );
}
