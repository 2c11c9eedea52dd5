import type { FhirResource, Reference } from 'fhir/r4.js';

/** Where a resource names its patient, of the types that a launch for one patient may read. */
const PLACES = ['subject', 'patient', 'individual', 'for', 'beneficiary'] as const;

/** Whether a resource is about this patient, or about nobody. An outcome, and what names no patient, is about nobody. */
export function isOfPatient(resource: FhirResource, patient: string | undefined): boolean {
  if (resource.resourceType === 'OperationOutcome') return true;
  if (resource.resourceType === 'Patient') return patient === `Patient/${resource.id}`;
  const fields = resource as unknown as Readonly<Record<string, Reference | undefined>>;
  const named = PLACES.flatMap((it) => fields[it]?.reference ?? []).filter((it) => it.includes('Patient/'));
  return named.every((it) => patient !== undefined && (it === patient || it.endsWith(`/${patient}`)));
}
