import type { Reference, Task } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { coding, type Display } from '../../domain/derived-observation.ts';
import { ownerByRole } from '../../domain/safety-chain.ts';
import { stateOf } from '../../domain/safety-sign.ts';
import { ESCALATED } from '../../domain/step-tasks.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';
import type { Recipient } from '../../notify/port.ts';

/** How a Task names somebody as its owner: the person, or the role where the site’s list alone knows the person. */
export const ownerOf = (to: Recipient): Reference =>
  to.reference.startsWith('role:') ? ownerByRole(to.reference.slice('role:'.length)) : { reference: to.reference };

const sameOwner = (a: Reference | undefined, b: Reference): boolean =>
  a?.reference === b.reference && a?.identifier?.value === b.identifier?.value;

/**
 * Gives Tasks to who was told at last, and says that they were escalated where a later step was. Whoever changed one in
 * the meantime wins: it is left as it is.
 */
export async function handOver(
  server: FhirServer,
  tasks: readonly { readonly task: Task; readonly to: Recipient; readonly escalated: boolean }[],
  at: string,
  display: Display,
): Promise<void> {
  for (const { task, to, escalated } of tasks) {
    const owner = ownerOf(to);
    if (stateOf(task) !== 'raised' || (sameOwner(task.owner, owner) && !escalated)) continue;
    const versionId = task.meta?.versionId;
    const resource = escalated ? escalatedTask({ ...task, owner }, at, display) : { ...task, owner };
    try {
      await server.write({ method: 'PUT', resource, ...(versionId === undefined ? {} : { ifMatch: versionId }) });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
    }
  }
}

/** When it was passed on last, and that it was. */
const escalatedTask = (task: Task, at: string, display: Display): Task => ({
  ...task,
  extension: [...(task.extension ?? []).filter((it) => it.url !== ESCALATED), { url: ESCALATED, valueDateTime: at }],
  businessStatus: { coding: [coding(codeSystem('task-state'), 'escalated', display)] },
});
