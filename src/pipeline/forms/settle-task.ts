import type { Task } from 'fhir/r4.js';
import { answeredTask, begunTask } from '../../domain/questionnaire-task.ts';
import { isOpen } from '../../domain/review-task.ts';
import { FhirError } from '../../fhir/port.ts';
import type { AlliancePorts } from '../compute-alliance.ts';

const TRIES = 3;

/**
 * What became of a form is written on its Task, over the version that was read. Where it cannot be written now the next
 * run of the schedule does it from the response itself.
 */
async function change(ports: AlliancePorts, taskId: string, to: (task: Task) => Task): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const task = await ports.server.read('Task', taskId);
      if (task === undefined || !isOpen(task)) return;
      const next = to(task);
      if (next === task) return;
      const versionId = task.meta?.versionId;
      await ports.server.write({
        method: 'PUT',
        resource: next,
        ...(versionId === undefined ? {} : { ifMatch: versionId }),
      });
      return;
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      if (error.kind !== 'conflict') return;
    }
  }
}

/** A draft exists. */
export const markBegun = (ports: AlliancePorts, taskId: string, nowMs: number): Promise<void> =>
  change(ports, taskId, (task) => begunTask(task, new Date(nowMs).toISOString()));

/** Answered by `QuestionnaireResponse/…`. */
export const markAnswered = (ports: AlliancePorts, taskId: string, response: string, nowMs: number): Promise<void> =>
  change(ports, taskId, (task) => answeredTask(task, response, new Date(nowMs).toISOString(), ports.context.display));
