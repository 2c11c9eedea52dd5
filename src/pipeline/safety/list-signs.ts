import type { Task } from 'fhir/r4.js';
import { literal } from '../../domain/reference.ts';
import { ageInDays, BACKLOG_ID, LIST_IDENTIFIER } from '../../domain/safety-backlog.ts';
import { listByIdentifier, openSafetyTasks } from '../../domain/safety-queries.ts';
import { isSafetyTask, type SignState, stateOf } from '../../domain/safety-sign.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { SafetyPorts } from './safety-ports.ts';

/** An open sign, as a worklist has it: no answer, no name. */
export interface OpenSign {
  /** Id of the Task. */
  readonly task: string;
  readonly patient: string | undefined;
  readonly state: SignState;
  readonly raisedAt: string | undefined;
  readonly respondBy: string | undefined;
  readonly owner: string | undefined;
  /** Nobody has taken it up, and the time has passed. */
  readonly overdue: boolean;
}

/** An answer of the review list, with its age. */
export interface OldSign {
  readonly response: string;
  readonly given: string | undefined;
  readonly ageDays: number | undefined;
}

export interface Signs {
  readonly open: readonly OpenSign[];
  readonly old: readonly OldSign[];
}

/** Every status that is not closed by a clinician, what others cancelled or rejected among them. */
const NOT_CLOSED =
  'requested,received,accepted,in-progress,on-hold,ready,draft,rejected,cancelled,failed,entered-in-error';

/** Open signs, the longest waiting first, and the review list of old answers; of one patient where one is named. */
export async function listSigns({ server, context }: SafetyPorts, nowMs: number, patient?: string): Promise<Signs> {
  const patients = patient === undefined ? [] : [patient];
  const [tasks, lists] = await ask(server, [
    openSafetyTasks(NOT_CLOSED, patients),
    listByIdentifier(LIST_IDENTIFIER, BACKLOG_ID),
  ]);
  const { baseUrl } = context.settings;
  const open = resourcesOf(tasks, 'Task')
    .filter((it) => isSafetyTask(it) && stateOf(it) !== 'closed')
    .map((it) => signOf(it, baseUrl, nowMs))
    .filter((it) => patient === undefined || it.patient === patient);
  const list = resourcesOf(lists, 'List').find((it) => it.identifier?.some((id) => id.value === BACKLOG_ID));
  const old = (patient === undefined ? (list?.entry ?? []) : []).map((it) => ({
    response: it.item.reference ?? '',
    given: it.date,
    ageDays: ageInDays(it.date, nowMs),
  }));
  return { open, old };
}

function signOf(task: Task, baseUrl: string, nowMs: number): OpenSign {
  const state = stateOf(task);
  const respondBy = task.restriction?.period?.end;
  return {
    task: task.id ?? '',
    patient: literal(task.for, baseUrl),
    state,
    raisedAt: task.authoredOn,
    respondBy,
    owner: task.owner?.reference ?? task.owner?.display,
    overdue: state === 'raised' && respondBy !== undefined && Date.parse(respondBy) < nowMs,
  };
}
