import { afterAll, beforeAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { askedOnAnswer } from '../schedule/triggered-scenarios.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

askedOnAnswer('the embedded server', () => embedded.baseUrl);
