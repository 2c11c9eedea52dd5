import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { cdsScenarios } from './cds-scenarios.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

cdsScenarios('the embedded server', () => embedded.baseUrl);
