import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { badResponses } from './bad-responses.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

badResponses('the embedded server', () => embedded.baseUrl);
