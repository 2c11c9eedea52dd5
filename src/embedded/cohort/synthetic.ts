import type { Coding, FhirResource } from 'fhir/r4.js';
import { BASE, codeSystem } from '../../domain/canonicals.ts';

/** Marks on every resource of the cohort: nobody may take it for a person. */
const TAGS: Coding[] = [
  { system: codeSystem('tag'), code: 'synthetic', display: 'Synthetic data' },
  { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' },
];

export const SYNTHETIC_IDENTIFIER = `${BASE}/identifier/synthetic`;

export const synthetic = <T extends FhirResource>(resource: T): T => ({
  ...resource,
  meta: { ...resource.meta, tag: TAGS },
});

const DAY_MS = 86_400_000;

/** The calendar date some days later. */
export const plusDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
