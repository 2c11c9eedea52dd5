import type { OperationOutcome, Task } from 'fhir/r4.js';
import { BASE, codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { reviewId } from './derived-identity.ts';
import { type Issue, operationOutcome } from './outcome.ts';

export const TASK_CODE = codeSystem('task');
export const TASK_IDENTIFIER = `${BASE}/identifier/task`;
const OUTCOME = 'outcome';

/** Something that a person must look at: a response that was not scored, or a patient whose inclusion is unclear. */
export interface Review {
  /** `QuestionnaireResponse/…`, or `Patient/…` for an inclusion. */
  readonly about: string;
  /** Stays until a person closes it, although what raised it is over: a corrected inclusion. */
  readonly lasting?: true;
  readonly patient: string | undefined;
  readonly issues: readonly Issue[];
}

const LASTING = 'inclusion-changed';

/** One for each response; for a patient one that follows the record and one that lasts. */
export const idOfReview = (review: Review): string =>
  reviewId(review.lasting ? `${review.about}|${LASTING}` : review.about);

/** The review of an inclusion that was corrected after ratings had been placed by it. */
export const inclusionChanged = (patient: string): Review => ({
  about: patient,
  patient,
  lasting: true,
  issues: [
    {
      severity: 'warning',
      code: 'business-rule',
      reason: LASTING,
      diagnostics: 'The inclusion was corrected: ratings were placed at other visits.',
    },
  ],
});

/** True of a Task that only a person may close. */
export const isLasting = (task: Task): boolean => reasonsOf(task).startsWith(LASTING);

const OPEN: ReadonlySet<string> = new Set([
  'draft',
  'requested',
  'received',
  'accepted',
  'ready',
  'in-progress',
  'on-hold',
]);

export const isOpen = (task: Task): boolean => OPEN.has(task.status);

/** The Task that asks for the review, as it is when it is new. */
export function reviewTask(review: Review, now: string): Task {
  const id = idOfReview(review);
  return {
    resourceType: 'Task',
    id,
    meta: { profile: [structureDefinition('review-response-task')] },
    contained: [{ ...operationOutcome(review.issues), id: OUTCOME }],
    identifier: [{ system: TASK_IDENTIFIER, value: id }],
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: { coding: [{ system: TASK_CODE, code: 'review-response', display: 'Review a response' }] },
    focus: { reference: review.about },
    ...(review.patient === undefined ? {} : { for: { reference: review.patient } }),
    authoredOn: now,
    requester: { reference: `Device/${DEVICE_ID}` },
    reasonReference: { reference: `#${OUTCOME}` },
  };
}

/** The places and reasons that a Task was raised for; two Tasks with the same ones ask the same. */
export function reasonsOf(task: Task): string {
  const outcome = task.contained?.find((it): it is OperationOutcome => it.resourceType === 'OperationOutcome');
  return (outcome?.issue ?? [])
    .map((it) => `${it.details?.text ?? ''}@${it.expression?.[0] ?? ''}`)
    .sort()
    .join('\n');
}

/** The Task after its reason went away without anybody closing it. */
export const withdrawnReview = (task: Task): Task => ({
  ...task,
  status: 'cancelled',
  statusReason: { text: 'The reason no longer holds: the response was corrected or withdrawn.' },
});

/** A Task raised again, because something else is wrong now: what a person wrote on it stays. */
export const renewedReview = (task: Task, review: Review): Task => {
  const fresh = reviewTask(review, task.authoredOn ?? '');
  const { statusReason: _closed, ...kept } = task;
  return { ...kept, status: 'requested', ...(fresh.contained === undefined ? {} : { contained: fresh.contained }) };
};
