/** Reads Patient/p1 as a process of its own does: `node read-patient.ts BASE LARGEST_ANSWER`. Prints `[kind, message]`. */
import { connectFhir } from '../../src/fhir/connect.ts';
import { FhirError } from '../../src/fhir/port.ts';

const [baseUrl = '', largest] = process.argv.slice(2);
const fhir = connectFhir({ baseUrl, auth: { kind: 'none' }, largestAnswer: Number(largest) });
const said = await fhir.read('Patient', 'p1').then(
  (patient) => ['read', patient?.id],
  (error: unknown) => (error instanceof FhirError ? [error.kind, error.message] : ['another', String(error)]),
);
process.stdout.write(JSON.stringify(said));
