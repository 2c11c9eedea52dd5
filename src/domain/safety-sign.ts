import type { Flag, Reference, Task, TaskInput } from 'fhir/r4.js';
import { codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { coding, type Display } from './derived-observation.ts';
import type { SafetyItem } from './protocol.ts';
import { TASK_CODE, TASK_IDENTIFIER } from './review-task.ts';
import type { SafetySign } from './safety.ts';
import { FLAG_IDENTIFIER, flagId, type SignKey, safetyTaskId } from './safety-identity.ts';

export const FLAG_DETAIL = 'http://hl7.org/fhir/StructureDefinition/flag-detail';
export const SAFETY_DETAIL = codeSystem('safety-detail');
export const SAFETY_OUTCOME = codeSystem('safety-outcome');
const FLAG_CATEGORY = 'http://terminology.hl7.org/CodeSystem/flag-category';
const LOINC = 'http://loinc.org';

/** What an answer was when it was last looked at; `none` once a closed one fell below what is a sign. */
export type SeenAnswer = SafetySign['answer'] | 'none';

/** `raised`: nobody has taken it up. `acknowledged`: a named clinician has. `closed`: with an outcome, by one. */
export type SignState = 'raised' | 'acknowledged' | 'closed';

/** One sign about to be raised. */
export interface RaisedSign {
  readonly key: SignKey;
  readonly episode: number;
  readonly item: SafetyItem;
  readonly answer: SafetySign['answer'];
  /** The response, or its identifier where the server does not hold it. */
  readonly response: Reference;
  /** An instant (UTC). */
  readonly at: string;
  /** Until when somebody must have taken it up. */
  readonly respondBy: string;
  readonly owner: Reference;
  /** The record says that the patient has died; a person looks all the same. */
  readonly deceased: boolean;
  /** Where the very same answer stands too: other entries of the same sheet of paper. */
  readonly also?: readonly Reference[];
}

const author = { reference: `Device/${DEVICE_ID}` };

/** What everybody sees who opens the record, until a named clinician closes the sign. */
export function safetyFlag(sign: RaisedSign): Flag {
  const id = flagId(sign.key, sign.episode);
  return {
    resourceType: 'Flag',
    id,
    meta: { profile: [structureDefinition('safety-flag')] },
    extension: [{ url: FLAG_DETAIL, valueReference: sign.response }],
    identifier: [{ system: FLAG_IDENTIFIER, value: id }],
    status: 'active',
    category: [{ coding: [{ system: FLAG_CATEGORY, code: 'safety', display: 'Safety' }] }],
    code: {
      coding: sign.item.codes.map((code) => ({ system: LOINC, code })),
      text: `Sign of danger in ${sign.item.instrument}, item ${sign.item.linkId}: a person must talk to the patient`,
    },
    subject: { reference: sign.key.patient },
    period: { start: sign.at },
    author,
  };
}

/** The urgent Task that asks a person to act, until a date. */
export function safetyTask(sign: RaisedSign, display: Display): Task {
  const id = safetyTaskId(sign.key, sign.episode);
  const task: Task = {
    resourceType: 'Task',
    id,
    meta: { profile: [structureDefinition('safety-review-task')] },
    identifier: [{ system: TASK_IDENTIFIER, value: id }],
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [coding(TASK_CODE, 'safety-review', display)] },
    focus: { reference: `Flag/${flagId(sign.key, sign.episode)}` },
    for: { reference: sign.key.patient },
    authoredOn: sign.at,
    requester: author,
    owner: sign.owner,
    ...(sign.deceased ? { note: [{ text: 'The record says that the patient has died.' }] } : {}),
    restriction: { period: { start: sign.at, end: sign.respondBy } },
    input: [answerInput(sign.answer, display)],
  };
  return withSameAnswer(task, sign.also ?? []);
}

/** The Task with a note of each response that holds the very same answer and raised no sign of its own. */
export function withSameAnswer(task: Task, also: readonly Reference[]): Task {
  const said = new Set(task.note?.map((it) => it.text));
  const texts = also
    .map((it) => it.reference ?? it.identifier?.value ?? 'a response that is not stored')
    .map((it) => `The same answer, entered from the same sheet of paper, raised no sign of its own: ${it}`)
    .filter((it) => !said.has(it));
  return texts.length === 0 ? task : { ...task, note: [...(task.note ?? []), ...texts.map((text) => ({ text }))] };
}

const isAnswer = (it: TaskInput): boolean =>
  it.type.coding?.some((c) => c.system === SAFETY_DETAIL && c.code === 'answer') ?? false;

function answerInput(answer: SeenAnswer, display: Display): TaskInput {
  const type = { coding: [coding(SAFETY_DETAIL, 'answer', display)] };
  return typeof answer === 'number' && Number.isInteger(answer)
    ? { type, valueInteger: answer }
    : { type, valueString: String(answer) };
}

/** The answer as the Task has it. */
export function seenAnswer(task: Task): SeenAnswer {
  const input = task.input?.find(isAnswer);
  if (input?.valueInteger !== undefined) return input.valueInteger;
  if (input?.valueString === 'none') return 'none';
  const number = Number(input?.valueString ?? Number.NaN);
  return Number.isFinite(number) ? number : 'unreadable';
}

/** The Task with what the answer is now; its state stays what it is. */
export const withAnswer = (task: Task, answer: SeenAnswer, display: Display): Task => ({
  ...task,
  input: [...(task.input ?? []).filter((it) => !isAnswer(it)), answerInput(answer, display)],
});

const isOutcome = (task: Task): boolean =>
  task.output?.some((it) => it.type.coding?.some((c) => c.system === SAFETY_DETAIL && c.code === 'outcome')) ?? false;

/**
 * Where a sign stands. Closed is only what a clinician closed with an outcome: a Task that something else cancelled,
 * rejected or marked done still waits for a person.
 */
export function stateOf(task: Task): SignState {
  if (task.status === 'completed' && isOutcome(task)) return 'closed';
  return task.status === 'accepted' || task.status === 'in-progress' || task.status === 'on-hold'
    ? 'acknowledged'
    : 'raised';
}

export const isSafetyTask = (task: Task): boolean =>
  task.code?.coding?.some((it) => it.system === TASK_CODE && it.code === 'safety-review') ?? false;

/** Taken up by a named clinician. */
export const acknowledgedTask = (task: Task, by: string, at: string): Task => ({
  ...task,
  status: 'accepted',
  owner: { reference: by },
  lastModified: at,
});

/** Waits for a person again, after something that is no clinician marked it done. */
export const reopenedTask = (task: Task): Task => {
  const text =
    'Marked completed without an outcome: only a named clinician closes a sign of danger. It waits for a person.';
  const { executionPeriod: _ended, ...rest } = task;
  return {
    ...rest,
    status: 'requested',
    note: task.note?.some((it) => it.text === text) ? task.note : [...(task.note ?? []), { text }],
  };
};

/** Closed by a named clinician with an outcome. */
export const closedTask = (task: Task, by: string, at: string, outcome: string, display: Display): Task => ({
  ...task,
  status: 'completed',
  owner: { reference: by },
  lastModified: at,
  executionPeriod: { ...task.executionPeriod, end: at },
  output: [
    {
      type: { coding: [coding(SAFETY_DETAIL, 'outcome', display)] },
      valueCodeableConcept: { coding: [coding(SAFETY_OUTCOME, outcome, display)] },
    },
  ],
});

/** The Flag of a closed sign. */
export const endedFlag = (flag: Flag, at: string): Flag => ({
  ...flag,
  status: 'inactive',
  period: { ...flag.period, end: at },
});

/** What a look at a response asks for, given the Tasks of its earlier episodes in order. */
export type Verdict =
  | { readonly kind: 'raise'; readonly episode: number }
  /** The latest Task learns what the answer is now; its state stays. */
  | { readonly kind: 'note'; readonly task: Task; readonly answer: SeenAnswer; readonly rise: boolean }
  /** A sign stands for this very answer, under another entry of the same sheet of paper. */
  | { readonly kind: 'same'; readonly task: Task }
  | { readonly kind: 'stands' };

/** True where the answer may be worse than it was: what cannot be read may be anything. */
export function isRise(seen: SeenAnswer, now: SafetySign['answer']): boolean {
  if (seen === now) return false;
  if (seen === 'none' || seen === 'unreadable' || now === 'unreadable') return true;
  return now > seen;
}

/**
 * An open sign stays whatever the answer is now, and keeps the worst it was. A closed one stays closed; when the answer
 * rises over what it was since, the next episode opens.
 */
export function verdictOn(tasks: readonly Task[], sign: SafetySign | undefined): Verdict {
  const latest = tasks.at(-1);
  if (latest === undefined) return sign === undefined ? { kind: 'stands' } : { kind: 'raise', episode: 1 };
  const seen = seenAnswer(latest);
  const rises = sign !== undefined && isRise(seen, sign.answer);
  if (stateOf(latest) !== 'closed')
    return rises ? { kind: 'note', task: latest, answer: sign.answer, rise: true } : { kind: 'stands' };
  if (rises) return { kind: 'raise', episode: tasks.length + 1 };
  const answer: SeenAnswer = sign?.answer ?? 'none';
  return answer === seen ? { kind: 'stands' } : { kind: 'note', task: latest, answer, rise: false };
}
