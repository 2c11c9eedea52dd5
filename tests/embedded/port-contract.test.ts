import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { fhirServerContract } from '../fhir/port-contract.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

fhirServerContract('The embedded server', () => embedded.baseUrl);
