import type { CodeableConcept, Identifier, Meta } from 'fhir/r4.js';
import { BASE, codeSystem } from '../../domain/canonicals.ts';

/** Two tags on everything: Vincle's own, and the HL7 code by which any system knows test data. */
export const SYNTHETIC: Meta = {
  tag: [
    { system: codeSystem('tag'), code: 'synthetic', display: 'Synthetic data' },
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' },
  ],
};

export const SYNTHETIC_IDENTIFIER = `${BASE}/identifier/synthetic`;

export const identifierOf = (value: string): Identifier => ({ system: SYNTHETIC_IDENTIFIER, value });

/** An EpisodeOfCare of this type (`system|code`) is one of the programme: for the setting `EPISODE_TYPE`. */
export const SYNTHETIC_EPISODE = { system: codeSystem('synthetic-episode'), code: 'psychosocial-oncology' } as const;
export const SYNTHETIC_EPISODE_TYPE = `${SYNTHETIC_EPISODE.system}|${SYNTHETIC_EPISODE.code}`;

/** Who treats, and may decide about steps, by the code that the protocol names and in words. */
export const PSYCHO_ONCOLOGIST: CodeableConcept = {
  coding: [{ system: codeSystem('role'), code: 'psycho-oncologist', display: 'Psycho-oncologist' }],
  text: 'Psycho-oncologist',
};
