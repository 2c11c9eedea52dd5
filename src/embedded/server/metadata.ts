import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';
import { resourceTypes } from './resource-check.ts';
import type { SearchParameters } from './search-parameters.ts';

const STARTED = new Date().toISOString();

/** What this server can do, as `/metadata` says it. */
export function capabilityStatement(parameters: SearchParameters, baseUrl: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: STARTED,
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    software: { name: 'Vincle embedded FHIR server' },
    implementation: { description: 'For demonstration and tests: synthetic data only', url: baseUrl },
    rest: [
      {
        mode: 'server',
        resource: resourceTypes().map((type) => resourceOf(type, parameters)),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}

function resourceOf(
  type: CapabilityStatementRestResource['type'],
  parameters: SearchParameters,
): CapabilityStatementRestResource {
  const codes = ['read', 'vread', 'update', 'delete', 'history-instance', 'create', 'search-type'] as const;
  return {
    type,
    interaction: codes.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'not-match',
    conditionalUpdate: true,
    conditionalDelete: 'multiple',
    searchParam: parameters.ofType(type).map((parameter) => ({ name: parameter.code, type: parameter.type })),
  };
}
