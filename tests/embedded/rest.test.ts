import { afterAll, beforeAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { restingCare } from '../schedule/rest-scenarios.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

restingCare('the embedded server', () => embedded.baseUrl);
