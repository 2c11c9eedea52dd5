import type { Coding, Task } from 'fhir/r4.js';
import { BASE, codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { readingReference } from './care-plan-build.ts';
import { coding, type Display } from './derived-observation.ts';
import type { Occasion, StopReason } from './occasion.ts';
import { literal } from './reference.ts';
import { isOpen, TASK_CODE, TASK_IDENTIFIER } from './review-task.ts';
import { sameDerived } from './same-resource.ts';

export const TASK_GROUP = `${BASE}/identifier/questionnaire-window`;
export const SCHEDULE_REASON = codeSystem('schedule-reason');
export const TASK_STATE = codeSystem('task-state');
export const REMINDED = structureDefinition('reminded');
const SDC = 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp';

/** What is true of an occasion now. */
export type Situation =
  /** Its window has not opened. */
  | { readonly kind: 'ahead' }
  | { readonly kind: 'open' }
  /** A draft of the answer exists. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'answered'; readonly response: string }
  /** Its window closed without an answer. */
  | { readonly kind: 'passed' };

const sdc = (code: string, display: string): Coding => ({ system: SDC, code, display });
const OUTPUT = { coding: [sdc('questionnaire-response', 'Questionnaire Response')] };
const instant = (ms: number): string => new Date(ms).toISOString();

const periodOf = ({ at }: Occasion) => ({ start: instant(at.opensMs), end: instant(at.closesMs - 1) });

/** The Task of an occasion as it is before anything has happened; `questionnaire` is `url|version` of the form. */
export function newQuestionnaireTask(occasion: Occasion, questionnaire: string, now: string, display: Display): Task {
  const { id, group, schedule, patient, owner, therapist, basedOn, evidence = [] } = occasion;
  const [reason] = evidence;
  return {
    resourceType: 'Task',
    id,
    meta: { profile: [structureDefinition('questionnaire-task')] },
    identifier: [{ system: TASK_IDENTIFIER, value: id }],
    instantiatesUri: schedule,
    ...(basedOn === undefined ? {} : { basedOn: [{ reference: basedOn }] }),
    groupIdentifier: { system: TASK_GROUP, value: group },
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: {
      coding: [sdc('complete-questionnaire', 'Complete Questionnaire'), coding(TASK_CODE, 'questionnaire', display)],
    },
    ...(therapist === undefined ? {} : { focus: { reference: therapist } }),
    ...(reason === undefined ? {} : { reasonReference: readingReference(reason) }),
    for: { reference: patient },
    authoredOn: now,
    lastModified: now,
    requester: { reference: `Device/${DEVICE_ID}` },
    owner: { reference: owner },
    restriction: { period: periodOf(occasion) },
    input: [{ type: { coding: [sdc('questionnaire', 'Questionnaire')] }, valueCanonical: questionnaire }],
  };
}

export const isQuestionnaireTask = (task: Task): boolean =>
  (task.code?.coding?.some((it) => it.system === TASK_CODE && it.code === 'questionnaire') ?? false) &&
  (task.identifier?.some((it) => it.system === TASK_IDENTIFIER) ?? false);

/** The id that a questionnaire Task is known by, whatever id the server gave it. */
export const occasionIdOf = (task: Task): string =>
  task.identifier?.find((it) => it.system === TASK_IDENTIFIER)?.value ?? task.id ?? '';

const stateOf = (task: Task): string | undefined =>
  task.businessStatus?.coding?.find((it) => it.system === TASK_STATE)?.code;

export const isExpired = (task: Task): boolean => task.status === 'failed' && stateOf(task) === 'expired';

/** Why Vincle itself cancelled the Task; `undefined` where a person did, and of one that is not cancelled. */
export const stoppedFor = (task: Task): string | undefined =>
  task.status === 'cancelled'
    ? task.statusReason?.coding?.find((it) => it.system === SCHEDULE_REASON)?.code
    : undefined;

/** The response that completed the Task. */
export const outputOf = (task: Task, baseUrl: string): string | undefined =>
  (task.output ?? []).flatMap((it) => literal(it.valueReference, baseUrl) ?? [])[0];

/** When somebody was last reminded of the Task, milliseconds since 1970. */
export function remindedMs(task: Task): number | undefined {
  const at = task.extension?.find((it) => it.url === REMINDED)?.valueDateTime;
  return at === undefined ? undefined : Date.parse(at);
}

export interface Settling {
  readonly questionnaire: string;
  readonly now: string;
  readonly baseUrl: string;
  readonly display: Display;
  /** Whether a response of this server still answers this occasion. */
  readonly answers: (response: string) => boolean;
}

const samePeriod = (task: Task, occasion: Occasion): boolean =>
  Date.parse(task.restriction?.period?.start ?? '') === occasion.at.opensMs &&
  Date.parse(task.restriction?.period?.end ?? '') === occasion.at.closesMs - 1;

/** The Task with the window and the form of its occasion; what was settled keeps the form that it was settled with. */
function moved(task: Task, occasion: Occasion, { questionnaire }: Settling): Task {
  const window = samePeriod(task, occasion) ? task : { ...task, restriction: { period: periodOf(occasion) } };
  if (!isOpen(window)) return window;
  const [input, ...others] = window.input ?? [];
  const { owner: _former, ...kept } = window;
  return {
    ...kept,
    owner: { reference: occasion.owner },
    instantiatesUri: occasion.schedule,
    ...(input === undefined ? {} : { input: [{ ...input, valueCanonical: questionnaire }, ...others] }),
  };
}

/** The Task after something became of it; the same object where nothing did. */
function changed(before: Task, after: Task, now: string): Task {
  const { lastModified: _b, ...b } = before;
  const { lastModified: _a, ...a } = after;
  return sameDerived(b, a) ? before : { ...after, lastModified: now };
}

const withState = (task: Task, code: string, display: Display): Task => ({
  ...task,
  businessStatus: { coding: [coding(TASK_STATE, code, display)] },
});

/** Open again: why it was closed is taken off, and that somebody was reminded stays. */
function reopened(task: Task, status: 'requested' | 'ready', display: Display): Task {
  const { statusReason: _why, businessStatus: _state, output: _output, ...kept } = task;
  const open: Task = { ...kept, status };
  return remindedMs(task) === undefined ? open : withState(open, 'reminded', display);
}

/** What a person said for good, which only an answer overrules. */
const closedByPerson = (task: Task): boolean =>
  task.status === 'rejected' ||
  (task.status === 'failed' && !isExpired(task)) ||
  (task.status === 'cancelled' && stoppedFor(task) === undefined);

const NOT_BEGUN: ReadonlySet<string> = new Set(['draft', 'requested', 'ready', 'received', 'accepted']);

/**
 * The Task as it ought to be, given what is true of its occasion. Time alone never undoes anything: a clock that goes
 * back changes nothing, a window that moved does.
 */
export function settledTask(standing: Task, occasion: Occasion, situation: Situation, settling: Settling): Task {
  if (standing.status === 'entered-in-error') return standing;
  const task = moved(standing, occasion, settling);
  return changed(standing, advanced(task, standing, occasion, situation, settling), settling.now);
}

function advanced(task: Task, standing: Task, occasion: Occasion, situation: Situation, settling: Settling): Task {
  const { baseUrl, display } = settling;
  if (task.status === 'completed') {
    const output = outputOf(task, baseUrl);
    // What a filler named elsewhere, or did not name, is its own affair.
    if (output === undefined || settling.answers(output)) return task;
  }
  if (situation.kind === 'answered') return completedTask(task, situation.response, display);
  if (closedByPerson(task)) return task;
  const isClosed = !isOpen(task);
  if (situation.kind === 'passed') {
    return isClosed && task.status !== 'completed' ? task : expiredTask(task, display);
  }
  if (isExpired(task) && samePeriod(standing, occasion)) return task;
  const status = situation.kind === 'ahead' ? 'requested' : 'ready';
  const open = isClosed ? reopened(task, status, display) : task;
  return begun(open, standing, occasion, situation);
}

function begun(open: Task, standing: Task, occasion: Occasion, situation: Situation): Task {
  if (situation.kind === 'begun') return NOT_BEGUN.has(open.status) ? { ...open, status: 'in-progress' } : open;
  if (situation.kind === 'open') return open.status === 'requested' ? { ...open, status: 'ready' } : open;
  return open.status === 'ready' && !samePeriod(standing, occasion) ? { ...open, status: 'requested' } : open;
}

function completedTask(task: Task, response: string, display: Display): Task {
  const { statusReason: _why, businessStatus: _state, ...kept } = task;
  const done: Task = {
    ...kept,
    status: 'completed',
    output: [{ type: OUTPUT, valueReference: { reference: response } }],
  };
  return remindedMs(task) === undefined ? done : withState(done, 'reminded', display);
}

function expiredTask(task: Task, display: Display): Task {
  const { output: _withdrawn, statusReason: _why, ...kept } = task;
  return withState({ ...kept, status: 'failed' }, 'expired', display);
}

/** An open Task that nobody is to be asked for any more, with the reason; what was settled stays as it is. */
export function stoppedTask(task: Task, reason: StopReason, now: string, display: Display): Task {
  if (!isOpen(task)) return task;
  return {
    ...task,
    status: 'cancelled',
    statusReason: { coding: [coding(SCHEDULE_REASON, reason, display)] },
    lastModified: now,
  };
}

/** The Task after somebody was reminded of it. */
export function remindedTask(task: Task, at: string, display: Display): Task {
  const others = (task.extension ?? []).filter((it) => it.url !== REMINDED);
  const reminded: Task = { ...task, extension: [...others, { url: REMINDED, valueDateTime: at }], lastModified: at };
  return isOpen(task) ? withState(reminded, 'reminded', display) : reminded;
}

/** The Task once it was answered: nobody has to wait for the schedule’s next run to see it done. */
export const answeredTask = (task: Task, response: string, now: string, display: Display): Task => ({
  ...completedTask(task, response, display),
  lastModified: now,
});

/** The Task once a draft of its answer exists; the same object where it was begun before. */
export const begunTask = (task: Task, now: string): Task =>
  NOT_BEGUN.has(task.status) ? { ...task, status: 'in-progress', lastModified: now } : task;
