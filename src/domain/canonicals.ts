/** The root of every canonical and code system that Vincle owns. */
export const BASE = 'https://w3id.org/vincle';

/** Identifier system of every derived Observation. */
export const DERIVED_IDENTIFIER = `${BASE}/identifier/derived`;

export const codeSystem = (name: string): string => `${BASE}/CodeSystem/${name}`;
export const structureDefinition = (name: string): string => `${BASE}/StructureDefinition/${name}`;

/** Id of the Device that stands for Vincle itself in `Observation.device` and in proposals. */
export const DEVICE_ID = 'vincle';

/** Id of the Device that stands for the monitoring platform: the subject of what therapists answer about it. */
export const PLATFORM_DEVICE_ID = 'vincle-platform';
