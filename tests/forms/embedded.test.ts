import { afterAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { formScenarios } from './form-scenarios.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
afterAll(() => embedded.stop());
formScenarios(async () => {
  embedded = await startEmbedded();
  return embedded.baseUrl;
});
