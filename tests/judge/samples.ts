import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource, Observation } from 'fhir/r4.js';

const FOLDER = join(import.meta.dirname, 'fixtures');

/** The names of all hand-written samples. */
export const sampleNames = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ''));

/** A fresh copy of a hand-written sample. */
export function sample(name: string): FhirResource {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
}

/** A fresh copy of a sample that is an Observation. */
export function sampleObservation(name: string): Observation {
  const resource = sample(name);
  if (resource.resourceType !== 'Observation') throw new Error(`${name} is no Observation`);
  return resource;
}

/** Every sample that is an Observation. */
export const sampleObservations = sampleNames.flatMap((name) => {
  const resource = sample(name);
  return resource.resourceType === 'Observation' ? [resource] : [];
});
