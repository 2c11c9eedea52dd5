import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** Every FHIR resource that Vincle ships, in the order of its file names. */
export function shippedResources(): FhirResource[] {
  return ['profiles', 'questionnaires'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /^[A-Z]\w+-.+\.json$/.test(name))
      .sort()
      .map((name): FhirResource => JSON.parse(readFileSync(join(ROOT, folder, name), 'utf8'))),
  );
}
