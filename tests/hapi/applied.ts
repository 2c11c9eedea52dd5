import type {
  CarePlan,
  Coding,
  FhirResource,
  OperationOutcome,
  RequestGroup,
  RequestGroupAction,
  Task,
} from 'fhir/r4.js';
import { STEPPED_CARE } from '../../src/domain/membership.ts';

/** A HAPI server with clinical reasoning. */
export interface Applying {
  readonly baseUrl: string;
}

/** What a server makes of a PlanDefinition for a patient, errors it met on the way included. */
export interface Applied {
  readonly plan: CarePlan;
  readonly group: RequestGroup;
  /** Messages of the OperationOutcome that the server puts beside its result. */
  readonly errors: readonly string[];
}

export async function apply({ baseUrl }: Applying, definition: string, patient: string): Promise<Applied> {
  const answer = await fetch(`${baseUrl}/PlanDefinition/${definition}/$apply?subject=${patient}`);
  const text = await answer.text();
  const plan: FhirResource = JSON.parse(text);
  if (answer.status !== 200 || plan.resourceType !== 'CarePlan')
    throw new Error(`$apply answered ${answer.status}: ${text.slice(0, 500)}`);
  const group = containedIn(plan).find((it): it is RequestGroup => it.resourceType === 'RequestGroup');
  if (group === undefined) throw new Error('$apply made no RequestGroup');
  const errors = containedIn(plan)
    .filter((it): it is OperationOutcome => it.resourceType === 'OperationOutcome')
    .flatMap((it) => it.issue.map((issue) => issue.diagnostics ?? issue.code));
  return { plan, group, errors };
}

const containedIn = (plan: CarePlan): FhirResource[] => (plan.contained ?? []) as FhirResource[];

const below = (actions: readonly RequestGroupAction[] | undefined): RequestGroupAction[] =>
  (actions ?? []).flatMap((it) => [it, ...below(it.action)]);

/** Every action that applies, groups included, in order. */
export const actionsOf = ({ group }: Applied): RequestGroupAction[] => below(group.action);

/** The Tasks that the actions name, in the order of the actions. */
export const tasksOf = (applied: Applied): Task[] =>
  actionsOf(applied).flatMap((action) =>
    containedIn(applied.plan).filter(
      (it): it is Task => it.resourceType === 'Task' && action.resource?.reference === `#${it.id}`,
    ),
  );

/** The part of a level's plan that both engines have; docs/interoperability.md says what is left out, and why. */
export interface ComparedPlan {
  readonly protocol: readonly string[];
  readonly subject: string | undefined;
  readonly level: string | undefined;
  readonly activities: readonly ComparedTask[];
}

export interface ComparedTask {
  readonly activity: string | undefined;
  readonly intent: string | undefined;
  readonly codes: readonly string[];
  readonly patient: string | undefined;
}

export const comparedTask = (task: Task): ComparedTask => ({
  activity: task.instantiatesCanonical,
  intent: task.intent,
  codes: (task.code?.coding ?? []).map((it) => `${it.system}#${it.code}`),
  patient: task.for?.reference,
});

/** Of a plan that Vincle made, with the Tasks it names. */
export const comparedPlan = (plan: CarePlan, tasks: readonly Task[]): ComparedPlan => ({
  protocol: plan.instantiatesCanonical ?? [],
  subject: plan.subject.reference,
  level: levelIn(plan.category?.flatMap((it) => it.coding ?? [])),
  activities: tasks.map(comparedTask),
});

/** Of what a server applied: the level is the highest that applies. */
export const comparedApplied = (applied: Applied): ComparedPlan => ({
  protocol: applied.plan.instantiatesCanonical ?? [],
  subject: applied.plan.subject.reference,
  level: actionsOf(applied)
    .flatMap((it) => levelIn(it.code?.flatMap((code) => code.coding ?? [])) ?? [])
    .at(-1),
  activities: tasksOf(applied).map(comparedTask),
});

const levelIn = (codings: readonly Coding[] | undefined): string | undefined =>
  codings?.find((it) => it.system === STEPPED_CARE)?.code;
