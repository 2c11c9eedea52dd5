import type { FhirResource, Observation } from 'fhir/r4.js';
import { BASE, codeSystem } from '../domain/canonicals.ts';
import type { FhirServer } from '../fhir/port.ts';
import type { Finding } from './finding.ts';

/** The identifier system of everything that an examination writes. */
export const PROBE = `${BASE}/identifier/doctor`;

/** Everything that an examination writes says that it is synthetic. */
export const SYNTHETIC_TAG = [{ system: codeSystem('tag'), code: 'synthetic', display: 'Synthetic data' }];

/** Entered in error from its first moment: nobody takes it for a finding. */
export const probe = (id: string, value: number, tags = SYNTHETIC_TAG): Observation => ({
  resourceType: 'Observation',
  id,
  meta: { tag: tags },
  identifier: [{ system: PROBE, value: id }],
  status: 'entered-in-error',
  code: { text: 'Vincle doctor: a probe of this server, deleted at once' },
  valueInteger: value,
});

export interface Probing {
  readonly server: FhirServer;
  /** Begins every id of this examination. */
  readonly run: string;
  readonly made: Set<string>;
}

/** One ability, tried by writing. */
export type Probe = (it: Probing) => Promise<Omit<Finding, 'ability'>>;
export type NamedProbe = readonly [ability: string, probe: Probe];

/** Writes a probe that will be deleted at the end. */
export const putProbe = async ({ server, made }: Probing, resource: FhirResource, guard: { ifMatch?: string } = {}) => {
  made.add(`${resource.resourceType}/${resource.id}`);
  return server.write({ method: 'PUT', resource, ...guard });
};
