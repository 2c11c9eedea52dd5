import type { CarePlan, CodeableConcept, Task } from 'fhir/r4.js';
import { codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { coding, type Display } from './derived-observation.ts';
import { isOpen, TASK_CODE, TASK_IDENTIFIER } from './review-task.ts';
import { activityTaskId, decideTaskId } from './step-identity.ts';

export const ESCALATED = structureDefinition('escalated');
const TOLD = structureDefinition('told');
const TASK_STATE = codeSystem('task-state');
const DAY_MS = 86_400_000;

export { isOpen };

const isA = (task: Task, code: string): boolean =>
  task.code?.coding?.some((it) => it.system === TASK_CODE && it.code === code) ?? false;

export const isDecideTask = (task: Task): boolean => isA(task, 'decide-step');
export const isActivityTask = (task: Task): boolean => isA(task, 'level-activity');

const ownerPart = (owner: string | undefined) => (owner === undefined ? {} : { owner: { reference: owner } });

/** Asks a clinician to decide about a proposal, until a date. */
export function decideTask(
  proposal: CarePlan,
  within: { readonly decideWithinDays: number; readonly direction: 'up' | 'down' },
  owner: string | undefined,
  display: Display,
): Task {
  const id = decideTaskId(proposal.id ?? '');
  const at = proposal.created ?? '';
  const end = new Date(Date.parse(at) + within.decideWithinDays * DAY_MS).toISOString();
  return {
    resourceType: 'Task',
    id,
    meta: { profile: [structureDefinition('decide-step-task')] },
    identifier: [{ system: TASK_IDENTIFIER, value: id }],
    status: 'requested',
    intent: 'order',
    priority: within.direction === 'up' ? 'asap' : 'routine',
    code: { coding: [coding(TASK_CODE, 'decide-step', display)] },
    focus: { reference: `CarePlan/${proposal.id}` },
    ...(proposal.subject.reference === undefined ? {} : { for: { reference: proposal.subject.reference } }),
    authoredOn: at,
    requester: { reference: `Device/${DEVICE_ID}` },
    ...ownerPart(owner),
    restriction: { period: { start: at, end } },
  };
}

/** Given to somebody else, because its owner no longer works here or no longer cares for the patient. */
export function reassigned(task: Task, owner: string | undefined): Task {
  const { owner: _left, ...rest } = task;
  return { ...rest, ...ownerPart(owner) };
}

/** When a Task was passed on, milliseconds since 1970; `undefined` where it was not. */
export function escalatedMs(task: Task): number | undefined {
  const at = task.extension?.find((it) => it.url === ESCALATED)?.valueDateTime;
  return at === undefined ? undefined : Date.parse(at);
}

/** Passed on because nobody decided in time: more urgent, and said so. */
export const escalatedTask = (task: Task, at: string, display: Display): Task => ({
  ...task,
  extension: [...(task.extension ?? []), { url: ESCALATED, valueDateTime: at }],
  priority: 'urgent',
  businessStatus: { coding: [coding(TASK_STATE, 'escalated', display)] },
});

/** One try to tell somebody that a Task waits too long. */
export interface Told {
  /** `Practitioner/…`, or `role:<code>` of a site’s own list. */
  readonly recipient: string;
  readonly channel: string;
  readonly at: string;
  readonly delivered: boolean;
  readonly reason?: string;
}

/** Whether anybody was reached about a Task that was passed on. */
export const wasTold = (task: Task): boolean =>
  task.extension?.some(
    (it) => it.url === TOLD && it.extension?.some((part) => part.url === 'delivered' && part.valueBoolean === true),
  ) ?? false;

/** When somebody was reached about it, milliseconds since 1970; `undefined` where nobody was. */
export function toldMs(task: Task): number | undefined {
  const told = task.extension?.find((it) => it.url === TOLD)?.extension;
  const at = Date.parse(told?.find((it) => it.url === 'at')?.valueDateTime ?? '');
  return wasTold(task) && !Number.isNaN(at) ? at : undefined;
}

/** Whether people were tried about a Task that was passed on, and none was reached. */
export const wasToldInVain = (task: Task): boolean =>
  !wasTold(task) && (task.extension?.some((it) => it.url === TOLD) ?? false);

/** The Task with the last try to tell somebody. */
export const toldTask = (task: Task, told: Told): Task => ({
  ...task,
  extension: [
    ...(task.extension ?? []).filter((it) => it.url !== TOLD),
    {
      url: TOLD,
      extension: [
        { url: 'recipient', valueString: told.recipient },
        { url: 'channel', valueString: told.channel },
        { url: 'at', valueDateTime: told.at },
        { url: 'delivered', valueBoolean: told.delivered },
        ...(told.reason === undefined ? [] : [{ url: 'reason', valueString: told.reason }]),
      ],
    },
  ],
});

/** The Task after a clinician decided. */
export const settledTask = (task: Task, by: string, at: string): Task => ({
  ...task,
  status: 'completed',
  owner: { reference: by },
  lastModified: at,
});

/** The Task of a proposal that was decided in the name of somebody who might not: it stays open, and says so once. */
export function contestedTask(task: Task, by: string): Task {
  const text = `Decided elsewhere in the name of ${by}, who may not decide this: nobody was moved. A clinician of the team must choose the level.`;
  return task.note?.some((it) => it.text === text) ? task : { ...task, note: [...(task.note ?? []), { text }] };
}

/** The Task after what it asked about was taken back, or waited for nobody. */
export function droppedTask(task: Task, why: CodeableConcept, expired: boolean, display: Display): Task {
  return {
    ...task,
    status: expired ? 'failed' : 'cancelled',
    statusReason: why,
    ...(expired ? { businessStatus: { coding: [coding(TASK_STATE, 'expired', display)] } } : {}),
  };
}

/** An activity of a level, as content declares it. */
export interface LevelActivity {
  /** `url|version` of its ActivityDefinition. */
  readonly canonical: string;
  readonly title: string;
}

/** The same activity in any version. */
export const activityUrl = (canonical: string): string => canonical.split('|')[0] ?? canonical;

/** One activity of a level for one patient, from the plan with which it began. */
export function activityTask(
  activity: LevelActivity,
  beginning: { readonly plan: string; readonly patient: string; readonly by: string; readonly at: string },
  owner: string | undefined,
  display: Display,
): Task {
  const id = activityTaskId(beginning.plan, activityUrl(activity.canonical));
  return {
    resourceType: 'Task',
    id,
    identifier: [{ system: TASK_IDENTIFIER, value: id }],
    instantiatesCanonical: activity.canonical,
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: { coding: [coding(TASK_CODE, 'level-activity', display)], text: activity.title },
    for: { reference: beginning.patient },
    authoredOn: beginning.at,
    requester: { reference: beginning.by },
    ...ownerPart(owner),
  };
}
