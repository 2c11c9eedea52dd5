import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { clinicPages } from './pages.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
}, 60_000);
afterAll(() => embedded.stop());

clinicPages('the embedded server', () => embedded.baseUrl);
