import { afterAll, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { laterChanges } from './later-changes.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

laterChanges('the embedded server', () => embedded.baseUrl);
