import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { safetyScenarios } from './safety-scenarios.ts';
import { signScenarios } from './sign-scenarios.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
}, 60_000);
afterAll(() => embedded.stop());

safetyScenarios('the embedded server', () => embedded.baseUrl);
signScenarios('the embedded server', () => embedded.baseUrl);
