import { afterAll, beforeAll, jest } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { keepingSchedule } from '../schedule/schedule-scenarios.ts';

jest.setTimeout(60_000);

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

keepingSchedule('the embedded server', () => embedded.baseUrl);
