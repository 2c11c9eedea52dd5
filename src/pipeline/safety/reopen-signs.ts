import type { Task } from 'fhir/r4.js';
import { isSafetyTask, reopenedTask, stateOf } from '../../domain/safety-sign.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';

/**
 * Opens the reviews again that something else marked completed without an outcome: nobody has closed the sign, and a
 * completed Task leaves every worklist. Whoever changed one in the meantime wins. Gives how many wait again.
 * @throws FhirError where the server is not reached
 */
export async function reopenSigns(server: FhirServer, tasks: readonly Task[], dryRun: boolean): Promise<number> {
  const left = tasks.filter((it) => isSafetyTask(it) && it.status === 'completed' && stateOf(it) === 'raised');
  if (dryRun) return left.length;
  let reopened = 0;
  for (const task of left) {
    const versionId = task.meta?.versionId;
    try {
      await server.write({
        method: 'PUT',
        resource: reopenedTask(task),
        ...(versionId === undefined ? {} : { ifMatch: versionId }),
      });
      reopened += 1;
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
    }
  }
  return reopened;
}
