import type { CarePlan, Provenance, Task } from 'fhir/r4.js';
import { type Chart, chartsOf } from '../../domain/step-chart.ts';
import { provenance, type Recorded } from '../../domain/step-provenance.ts';
import type { StepRecord } from '../../domain/step-record.ts';
import type { StepContext } from './step-context.ts';

/**
 * In this order everything is written where the server has no transactions. Killed after any of them, what stands there
 * tells the next run what is left to do: the Task of a proposal is closed, and a former plan ended, last of all.
 */
const ORDER = ['proposal', 'activity', 'plan', 'provenance', 'task', 'closing'] as const;
type Kind = (typeof ORDER)[number];

/** A resource as it should stand; `before` as it was read, absent for a new one. */
export interface Change {
  readonly kind: Kind;
  readonly resource: CarePlan | Task | Provenance;
  readonly before: CarePlan | Task | undefined;
}

const key = (it: CarePlan | Task | Provenance): string => `${it.resourceType}/${it.id}`;

/** What one run does to one person’s record: each function reads the record as those before it left it. */
export class StepLedger {
  #record: StepRecord;
  readonly #changes = new Map<string, Change>();
  readonly #read: ReadonlyMap<string, CarePlan | Task>;
  readonly #context: StepContext;
  /** What happened, by event or reason, for counting. */
  readonly events: string[] = [];
  /** Proposals that were passed on and about which nobody was reached yet, with the roles to tell, in order. */
  readonly escalations: { readonly proposal: string; readonly task: string; readonly roles: readonly string[] }[] = [];

  constructor(record: StepRecord, context: StepContext) {
    this.#record = record;
    this.#context = context;
    this.#read = new Map([...record.carePlans, ...record.tasks].map((it) => [key(it), it]));
  }

  get record(): StepRecord {
    return this.#record;
  }

  charts(): Chart[] {
    return chartsOf(this.#record, this.#context.settings.baseUrl);
  }

  plan(kind: 'proposal' | 'plan' | 'closing', resource: CarePlan): void {
    this.#note(kind, resource);
    const others = this.#record.carePlans.filter((it) => it.id !== resource.id);
    this.#record = { ...this.#record, carePlans: [...others, resource] };
  }

  task(kind: 'activity' | 'task', resource: Task): void {
    this.#note(kind, resource);
    const others = this.#record.tasks.filter((it) => it.id !== resource.id);
    this.#record = { ...this.#record, tasks: [...others, resource] };
  }

  /** Says who did what; what is said twice is counted once. */
  say(recorded: Recorded): void {
    const resource = provenance(recorded, this.#context.display);
    const said = this.#changes.has(key(resource));
    this.#changes.set(key(resource), { kind: 'provenance', resource, before: undefined });
    if (!said) this.events.push(recorded.event);
  }

  #note(kind: Kind, resource: CarePlan | Task): void {
    const earlier = this.#changes.get(key(resource));
    this.#changes.set(key(resource), { kind: earlier?.kind ?? kind, resource, before: this.#read.get(key(resource)) });
  }

  /** What must be written, in order. */
  changes(): Change[] {
    return [...this.#changes.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  }
}
