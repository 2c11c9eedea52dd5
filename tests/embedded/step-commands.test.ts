import { afterAll, beforeAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { stepCommands } from '../steps/step-commands.ts';

jest.setTimeout(60_000);

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

stepCommands('the embedded server', () => embedded.baseUrl);
