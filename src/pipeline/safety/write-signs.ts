import type { FhirResource, Flag, Task } from 'fhir/r4.js';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import { byDeviceIdentifier } from '../server-ids.ts';

/** Flag and Task of one sign; what stands there already is left out. */
export interface SignResources {
  readonly flag: Flag | undefined;
  readonly task: Task | undefined;
}

/**
 * Writes what is missing of these signs, Flag before Task. All in one transaction; where the server refuses that, sign by
 * sign, so that one that cannot be written holds no other back. Gives the ids of the Tasks that stand now.
 */
export async function writeSigns(
  server: FhirServer,
  signs: readonly SignResources[],
): Promise<{ readonly tasks: ReadonlyMap<string, string>; readonly failed: readonly SignResources[] }> {
  const tasks = new Map<string, string>();
  const failed: SignResources[] = [];
  const send = async (some: readonly SignResources[]): Promise<void> => {
    const writes = await creations(server, some);
    const results = await server.transaction(writes);
    writes.forEach((write, index) => {
      if (!('resource' in write) || write.resource.resourceType !== 'Task') return;
      const own = write.resource.identifier?.[0]?.value ?? '';
      tasks.set(own, `Task/${results[index]?.id ?? write.resource.id ?? own}`);
    });
  };
  if (signs.length === 0) return { tasks, failed };
  try {
    await send(signs);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (error.kind !== 'rejected' && error.kind !== 'conflict') return { tasks, failed: signs };
    for (const it of signs) await send([it]).catch((reason: unknown) => void failed.push(refused(it, reason)));
  }
  return { tasks, failed };
}

function refused(sign: SignResources, reason: unknown): SignResources {
  if (!(reason instanceof FhirError)) throw reason;
  return sign;
}

/** Creations that create once: by own ids, or where the server gives ids, on condition of the identifier. */
async function creations(server: FhirServer, signs: readonly SignResources[]): Promise<Write[]> {
  const { clientIds } = await server.capabilities();
  const resources = signs.flatMap(({ flag, task }): (Flag | Task)[] => [
    ...(flag === undefined ? [] : [flag]),
    ...(task === undefined ? [] : [task]),
  ]);
  if (clientIds) return resources.map((resource) => ({ method: 'PUT', resource }));
  const urns = new Map(resources.map((it) => [`${it.resourceType}/${it.id}`, `urn:uuid:${it.id}`]));
  return resources.map((resource): Write => {
    const { id, ...rest } = byDeviceIdentifier(resource);
    const focus = resource.resourceType === 'Task' ? urns.get(resource.focus?.reference ?? '') : undefined;
    const named = focus === undefined ? rest : { ...rest, focus: { reference: focus } };
    const identifier = resource.identifier?.[0];
    return {
      method: 'POST',
      resource: named as FhirResource,
      ifNoneExist: `identifier=${encodeURIComponent(`${identifier?.system}|${identifier?.value}`)}`,
      fullUrl: `urn:uuid:${id}`,
    };
  });
}
