import { afterAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { officeScenarios } from './office-scenarios.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
afterAll(() => embedded.stop());
officeScenarios(async () => {
  embedded = await startEmbedded();
  return embedded.baseUrl;
});
