import type { FhirServer } from '../../fhir/port.ts';
import type { AlliancePorts } from '../compute-alliance.ts';

/** What forms are read and answered with: Vincle’s own ports, and the server as the person may read it. */
export interface FormsPorts extends AlliancePorts {
  readonly asPerson: FhirServer;
}
