import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SafetyPorts } from '../pipeline/safety/safety-ports.ts';
import { watchState } from '../pipeline/safety/watch-down.ts';
import type { State } from '../state/port.ts';

/** What is counted while the process runs, and what is read from the state when it is asked for. Never an id. */
export interface Metrics {
  request(route: string, method: string, status: number, seconds: number): void;
  response(fate: string, reasons: Iterable<string>): void;
  notification(fate: string): void;
  /** One run of a job, or a tick that became none: `finished`, `failed`, `held`, `missed`. */
  run(job: string, outcome: string): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}

const JOBS = ['alliance', 'outbox', 'safety', 'escalate'];

export function createMetrics(state: State, now: () => number, safety?: SafetyPorts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'vincle_http_request_seconds',
    help: 'Requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.01, 0.05, 0.2, 1, 5, 20],
    registers,
  });
  const responses = counter(
    'vincle_responses_total',
    'Responses handed in, by what became of them',
    ['fate'],
    registers,
  );
  const reasons = counter(
    'vincle_response_reasons_total',
    'Why responses were refused or remarked on',
    ['reason'],
    registers,
  );
  const notifications = counter('vincle_notifications_total', 'Notifications of the FHIR server', ['fate'], registers);
  const runs = counter('vincle_runs_total', 'Runs of each job, by outcome', ['job', 'outcome'], registers);
  gauges(state, now, registers);
  if (safety !== undefined) safetyGauges(safety, now, registers);
  return {
    request: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    response: (fate, why) => {
      responses.inc({ fate });
      for (const reason of new Set(why)) reasons.inc({ reason });
    },
    notification: (fate) => notifications.inc({ fate }),
    run: (job, outcome) => runs.inc({ job, outcome }),
    text: () => registry.metrics(),
  };
}

const counter = <T extends string>(name: string, help: string, labelNames: T[], registers: Registry[]) =>
  new Counter({ name, help, labelNames, registers });

/** Read when they are asked for: replicas share the state, so each tells the same. */
function gauges(state: State, now: () => number, registers: Registry[]): void {
  new Gauge({
    name: 'vincle_outbox_entries',
    help: 'Writes that the FHIR server has not taken yet, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const entries = await state.listEntries();
      for (const kind of ['waiting', 'dead'])
        this.set({ state: kind }, entries.filter((it) => it.state === kind).length);
    },
  });
  new Gauge({
    name: 'vincle_due_subjects',
    help: 'Subjects to be computed again',
    registers,
    async collect() {
      this.set((await state.listDue()).length);
    },
  });
  new Gauge({
    name: 'vincle_last_good_run_age_seconds',
    help: 'Time since the last good run of each job ended',
    labelNames: ['job'],
    registers,
    async collect() {
      for (const job of JOBS) {
        const ended = await lastGoodRun(state, job);
        if (ended !== undefined) this.set({ job }, (now() - ended) / 1000);
      }
    },
  });
}

/** Signs of danger that wait and about which nobody could be told, and whether they are looked for at all. */
export function safetyGauges(ports: SafetyPorts, now: () => number, registers: Registry[]): void {
  const started = now();
  new Gauge({
    name: 'vincle_safety_watching',
    help: '1 while the safety poll is on time, 0 once polls are missed',
    registers,
    async collect() {
      const { watching } = await watchState(ports.state, ports.safety, now(), started);
      this.set(watching ? 1 : 0);
    },
  });
  for (const name of ['open', 'untold'] as const)
    new Gauge({
      name: `vincle_safety_${name}`,
      help:
        name === 'open' ? 'Signs of danger that nobody has taken up' : 'Of them those about which nobody could be told',
      registers,
      async collect() {
        const [last] = await ports.state.lastRuns('escalate', 1);
        this.set(countOf(last?.result, name));
      },
    });
}

const countOf = (result: unknown, name: string): number =>
  typeof result === 'object' && result !== null ? Number(Object.getOwnPropertyDescriptor(result, name)?.value) || 0 : 0;

/** When the last good run of a job ended, in milliseconds since 1970. */
export async function lastGoodRun(state: State, job: string): Promise<number | undefined> {
  const runs = await state.lastRuns(job, 20);
  const good = runs.find((it) => it.ok);
  return good === undefined ? undefined : Date.parse(good.endedAt);
}
