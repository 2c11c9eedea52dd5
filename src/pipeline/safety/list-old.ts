import { BACKLOG_ID, backlogWith, LIST_IDENTIFIER, type OldAnswer } from '../../domain/safety-backlog.ts';
import { listByIdentifier } from '../../domain/safety-queries.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { waitedFor } from '../compute-held.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';

/** Puts answers from before SAFETY_FROM on the one review list, each once. Gives how many were new there; `undefined` where another process kept the list. */
export async function listOld(
  ports: SafetyPorts,
  old: readonly OldAnswer[],
  options: RaiseOptions,
): Promise<number | undefined> {
  if (old.length === 0) return 0;
  const lease = await waitedFor('safety/backlog', { ...options, state: ports.state });
  if (lease === undefined) return undefined;
  try {
    return await extend(ports, old, options);
  } finally {
    await lease.release();
  }
}

async function extend(
  { server, context }: SafetyPorts,
  old: readonly OldAnswer[],
  options: RaiseOptions,
): Promise<number> {
  const [page] = await ask(server, [listByIdentifier(LIST_IDENTIFIER, BACKLOG_ID)]);
  const list = resourcesOf(page, 'List').find((it) => it.identifier?.some((id) => id.value === BACKLOG_ID));
  const next = backlogWith(list, old, new Date(options.now()).toISOString(), context.display);
  const added = (next?.entry?.length ?? 0) - (list?.entry?.length ?? 0);
  if (next === undefined || options.dryRun) return Math.max(added, 0);
  const { id, ...rest } = byDeviceIdentifier(next);
  const versionId = list?.meta?.versionId;
  await server.write(
    list === undefined
      ? { method: 'PUT', resource: rest, where: `List?identifier=${LIST_IDENTIFIER}|${BACKLOG_ID}` }
      : {
          method: 'PUT',
          resource: { ...rest, id: id ?? '' },
          ...(versionId === undefined ? {} : { ifMatch: versionId }),
        },
  );
  return added;
}
