import { computeAlliance } from '../pipeline/compute-alliance.ts';
import { escalate } from '../pipeline/safety/escalate.ts';
import type { SafetyPorts } from '../pipeline/safety/safety-ports.ts';
import { watchSafety } from '../pipeline/safety/watch-safety.ts';
import { keepSchedule } from '../pipeline/schedule/keep-schedule.ts';
import type { Doing } from '../pipeline/steps/held-person.ts';
import { stepCare } from '../pipeline/steps/step-care.ts';

/** What the jobs cost so far, by job. */
export type Costs = Record<string, { requests: number; seconds: number }>;

export interface Running extends Doing {
  /** How far back of the watermark is asked again: the server’s own commit lag, in real time. */
  readonly overlapMs: number;
}

/** The five jobs as `vincle serve` runs them, at the simulated moment. */
export function jobsOf(ports: SafetyPorts, costs: Costs) {
  const counted = async <T>(job: string, run: () => Promise<T>): Promise<T> => {
    const [started, requests] = [performance.now(), ports.server.traffic.requests];
    const result = await run();
    const before = costs[job] ?? { requests: 0, seconds: 0 };
    costs[job] = {
      requests: before.requests + ports.server.traffic.requests - requests,
      seconds: before.seconds + (performance.now() - started) / 1000,
    };
    return result;
  };
  const { notify } = ports.safety;
  return {
    alliance: (at: Running) => counted('alliance', () => computeAlliance(ports, at)),
    safety: (at: Running) => counted('safety', () => watchSafety(ports, at)),
    escalate: (at: Running) => counted('escalate', () => escalate(ports, at)),
    steps: (at: Running) => counted('steps', () => stepCare(ports, { ...at, notify })),
    schedule: (at: Running) =>
      counted('schedule', () => keepSchedule(ports, { ...at, notify, mayOfferSafetyItems: true })),
  };
}
