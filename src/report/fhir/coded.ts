import type { CodeableConcept, Extension } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';

export const COHORT_MEASURE = codeSystem('cohort-measure');
const VISIT = codeSystem('visit');
const ARM = codeSystem('arm');
/** Codes of `CodeSystem/arm`; a study’s others are text. */
const ARMS: ReadonlySet<string> = new Set(['digital', 'usual']);
const VISITS: ReadonlySet<string> = new Set(['baseline', 'm3', 'm6', 'm12', 'unscheduled']);

/** A code of `CodeSystem/cohort-measure`. */
export const coded = (code: string): CodeableConcept => ({ coding: [{ system: COHORT_MEASURE, code }] });

export const visitConcept = (visit: string): CodeableConcept =>
  VISITS.has(visit) ? { coding: [{ system: VISIT, code: visit }] } : { text: visit };

/** `all`, `none` and `masked` are said in words: they are no arm. */
export const armConcept = (arm: string): CodeableConcept =>
  ARMS.has(arm) ? { coding: [{ system: ARM, code: arm }], text: arm } : { text: arm };

/** Why a number is not there: hidden because it is small, or it could not be had. */
export const absent = (code: 'masked' | 'unknown' | 'not-applicable'): { readonly extension: Extension[] } => ({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: code }],
});

/** At most six decimals, as every number that Vincle stores. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
