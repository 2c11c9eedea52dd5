import type { Observation } from 'fhir/r4.js';

/** A derived Observation with what stepping looks at. */
export const observed = (
  measure: string,
  value: number | undefined,
  effective: string,
  more: Partial<Observation> = {},
): Observation => ({
  resourceType: 'Observation',
  id: `${measure}-${effective}`.replace(/[^A-Za-z0-9\-.]/g, '-'),
  status: 'final',
  code: { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/measure', code: measure }] },
  effectiveDateTime: effective,
  ...(value === undefined
    ? { dataAbsentReason: { text: 'too few answered' } }
    : { valueQuantity: { value, unit: '{score}' } }),
  ...more,
});
