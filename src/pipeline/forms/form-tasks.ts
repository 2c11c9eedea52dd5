import type { Task } from 'fhir/r4.js';
import { escaped, type Query } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import { isOpen } from '../../domain/review-task.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';

/** Who answers: the person, the one patient of the launch if it is for one, and the Tasks of a personal link. */
export interface Answerer {
  /** `Patient/…` or `Practitioner/…` */
  readonly user: string;
  readonly patient?: string;
  readonly tasks?: readonly string[];
  /** Public id of the launch. */
  readonly launch: string;
  readonly isLink: boolean;
}

const OPEN = 'requested,ready,received,accepted,in-progress,draft';

/** With the patient where there is one: a server that holds a launch to its patient wants to be asked so. */
const ownedBy = ({ user, patient }: Answerer): Query<'Task'> => ({
  type: 'Task',
  params: [
    ['owner', escaped(user)],
    ...(user.startsWith('Patient/') || patient !== undefined ? [['patient', escaped(patient ?? user)] as const] : []),
    ['status', OPEN],
    ['_count', '1000'],
  ],
});

/** The Questionnaire that a Task asks for, `url|version` as it stands there; `undefined` of any other Task. */
export const canonicalOfTask = (task: Task): string | undefined =>
  (task.input ?? []).flatMap((it) => it.valueCanonical ?? [])[0];

/** Whether this Task waits with this person in this launch. */
export function isFor(task: Task, who: Answerer, baseUrl: string): boolean {
  const about = literal(task.for, baseUrl);
  if (literal(task.owner, baseUrl) !== who.user || canonicalOfTask(task) === undefined) return false;
  if (who.tasks !== undefined && !who.tasks.includes(task.id ?? '')) return false;
  // What therapists are asked about the platform is about no patient: it is not asked in a patient’s chart.
  return who.patient === undefined || about === who.patient;
}

const endOf = (task: Task): number => Date.parse(task.restriction?.period?.end ?? '');
const startOf = (task: Task): number => Date.parse(task.restriction?.period?.start ?? '');

/** Whether its window has opened; a Task without a window is open. */
export const hasOpened = (task: Task, nowMs: number): boolean => !(startOf(task) > nowMs);
/** Whether its window is past. */
export const isPast = (task: Task, nowMs: number): boolean => endOf(task) < nowMs;

/** Every form that waits with this person now, the first to end first. */
export async function tasksWaiting(
  server: FhirServer,
  who: Answerer,
  nowMs: number,
  baseUrl: string,
): Promise<readonly Task[]> {
  const [page] = await ask(server, [ownedBy(who)]);
  const order = (it: Task): number => endOf(it) || Number.MAX_SAFE_INTEGER;
  return resourcesOf(page, 'Task')
    .filter((it) => isOpen(it) && isFor(it, who, baseUrl) && hasOpened(it, nowMs))
    .sort((a, b) => order(a) - order(b) || ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
}
