import type { FhirResource } from 'fhir/r4.js';
import type { FhirServer, Write, WriteResult } from './port.ts';

/**
 * A transaction on a server that has none: one write after the other, stopping at the first that fails. What was written
 * before it stays; callers write what may be repeated, so that the next try goes on where this one stopped.
 */
export async function writeOneByOne(
  server: Pick<FhirServer, 'write'>,
  writes: readonly Write[],
): Promise<WriteResult[]> {
  const ids = new Map<string, string>();
  const results: WriteResult[] = [];
  for (const write of writes) {
    const result = await server.write(resolved(write, ids));
    if (write.method === 'POST' && write.fullUrl !== undefined && result.id !== undefined)
      ids.set(write.fullUrl, `${write.resource.resourceType}/${result.id}`);
    results.push(result);
  }
  return results;
}

/** `urn:uuid:` references to entries that were written before are given the ids they got. */
function resolved(write: Write, ids: ReadonlyMap<string, string>): Write {
  if (ids.size === 0 || !('resource' in write)) return write;
  const text = JSON.stringify(write.resource);
  const named = text.replace(/"(urn:uuid:[0-9a-f-]{36})"/g, (whole, urn: string) =>
    ids.has(urn) ? `"${ids.get(urn)}"` : whole,
  );
  return named === text ? write : ({ ...write, resource: JSON.parse(named) as FhirResource } as Write);
}
