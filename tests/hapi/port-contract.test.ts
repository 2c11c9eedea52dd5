import { fhirServerContract } from '../fhir/port-contract.ts';
import { sharedRig } from './rig/shared.ts';

fhirServerContract('HAPI', () => sharedRig().hapi);
