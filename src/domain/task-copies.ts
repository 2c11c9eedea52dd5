import type { Task } from 'fhir/r4.js';
import { occasionIdOf } from './questionnaire-task.ts';
import { isOpen } from './review-task.ts';

/** Answered first, then what a person closed, then what was begun, then what is open. */
const STANDING: readonly Task['status'][] = ['completed', 'rejected', 'failed', 'cancelled', 'in-progress', 'on-hold'];
const rankOf = ({ status }: Task): number => (STANDING.includes(status) ? STANDING.indexOf(status) : STANDING.length);

/**
 * Of several Tasks with one identity the one that stays, and the open others: two deployments without a common state may
 * both have written it on a server that gives ids of its own. The same choice whoever makes it.
 */
export function copiesApart(tasks: readonly Task[]): {
  readonly kept: readonly Task[];
  readonly copies: readonly Task[];
} {
  const kept: Task[] = [];
  const copies: Task[] = [];
  for (const group of Map.groupBy(tasks, occasionIdOf).values()) {
    const standing = group.filter((it) => it.status !== 'entered-in-error');
    const [first, ...others] = (standing.length > 0 ? standing : group).toSorted(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        (a.authoredOn ?? '').localeCompare(b.authoredOn ?? '') ||
        (a.id ?? '').localeCompare(b.id ?? ''),
    );
    if (first !== undefined) kept.push(first);
    copies.push(...others.filter(isOpen));
  }
  return { kept, copies };
}

/** A Task that stands a second time, under another id. */
export const mistakenTask = (task: Task, now: string): Task => ({
  ...task,
  status: 'entered-in-error',
  statusReason: { text: 'The same Task stands under another id.' },
  lastModified: now,
});
