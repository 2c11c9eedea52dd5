import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { FhirResource } from 'fhir/r4.js';
import { FhirError, type FhirServer } from '../fhir/port.ts';
import { CommandError, EXIT, messageOf } from './exit.ts';
import { say } from './print.ts';

export interface LoadResult {
  files: number;
  bundles: number;
  resources: number;
  failed: number;
}

/** Sends Bundles and resources as they are, in the order given, one at a time. A file that cannot be read stops the load. */
export async function loadFiles(server: FhirServer, files: readonly string[]): Promise<LoadResult> {
  const result: LoadResult = { files: 0, bundles: 0, resources: 0, failed: 0 };
  for (const file of files) {
    if (file.endsWith('.ndjson')) await loadNdjson(server, file, result);
    else await send(server, parse(await readFile(file, 'utf8'), file), file, result);
    result.files += 1;
  }
  return result;
}

async function loadNdjson(server: FhirServer, file: string, result: LoadResult): Promise<void> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text.trim() !== '') await send(server, parse(text, `${file}:${line}`), `${file}:${line}`, result);
  }
}

function parse(text: string, place: string): FhirResource {
  try {
    const value: unknown = JSON.parse(text);
    if (
      typeof value === 'object' &&
      value !== null &&
      'resourceType' in value &&
      typeof value.resourceType === 'string'
    )
      return value as FhirResource;
  } catch {
    throw new CommandError(`${place}: not JSON`, EXIT.refused);
  }
  throw new CommandError(`${place}: not a FHIR resource`, EXIT.refused);
}

async function send(server: FhirServer, resource: FhirResource, place: string, result: LoadResult): Promise<void> {
  try {
    if (resource.resourceType === 'Bundle' && (resource.type === 'transaction' || resource.type === 'batch')) {
      const answer = await server.request('POST', '', resource);
      result.bundles += 1;
      result.resources += resource.entry?.length ?? 0;
      if (answer.resourceType === 'Bundle')
        result.failed += (answer.entry ?? []).filter((it) => !/^2/.test(it.response?.status ?? '2')).length;
      return;
    }
    if (resource.resourceType === 'Bundle') {
      result.bundles += 1;
      for (const entry of resource.entry ?? [])
        if (entry.resource !== undefined) await send(server, entry.resource as FhirResource, place, result);
      return;
    }
    await server.write(resource.id === undefined ? { method: 'POST', resource } : { method: 'PUT', resource });
    result.resources += 1;
  } catch (error) {
    if (!(error instanceof FhirError) || (error.kind !== 'rejected' && error.kind !== 'conflict')) throw error;
    result.failed += 1;
    say(`${place}: ${messageOf(error)}`);
  }
}
