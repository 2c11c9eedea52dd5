import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { startVincle, vincle } from '../faults/vincle.ts';
import { type Clinic, openClinic } from '../schedule/clinic.ts';
import { type NoticeReceiver, startReceiver } from '../schedule/receiver.ts';

jest.setTimeout(120_000);

let folder: string;
let embedded: Embedded;
let receiver: NoticeReceiver;
let clinic: Clinic;
let serial = 0;
/** The commands go by the clock of this machine: a patient in the middle of the third month. */
const included = new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-schedule-'));
  embedded = await startEmbedded();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const opened = async (): Promise<Record<string, string>> => {
  serial += 1;
  clinic = await openClinic(`cli-${serial}`, { baseUrl: embedded.baseUrl, receiver });
  await clinic.put(...clinic.admit('p', { inclusion: included }));
  return {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: clinic.id,
    STATE_URL: `sqlite:${join(folder, `${serial}.sqlite`)}`,
  };
};
const formsOf = async () =>
  new Set((await clinic.tasks()).map((it) => it.input?.[0]?.valueCanonical?.replace(/^.*\/|\|.*$/g, '')));

test('a dry run says what it would make; a run makes it; once all of it was seen, a run sends one request', async () => {
  const env = await opened();
  const dry = await vincle(['job', 'schedule', '--dry-run', '--json'], env);
  const would = JSON.parse(dry.stdout);
  expect([dry.code, would.dryRun, would.created > 5, await clinic.tasks()]).toEqual([0, true, true, []]);
  const first = JSON.parse((await vincle(['job', 'schedule', '--json'], env)).stdout);
  expect([first.created, (await clinic.tasks()).length > 5]).toEqual([would.created, true]);
  const again = async () => JSON.parse((await vincle(['job', 'schedule', '--json'], env)).stdout);
  // What changed within the commit lag before the first run is asked for once more.
  const [second, third] = [await again(), await again()];
  expect([second.created, second.written]).toEqual([0, 0]);
  expect([third.written, third.requests]).toEqual([0, 1]);
});

test('without --json the run is a table for people', async () => {
  const env = await opened();
  const { code, stdout } = await vincle(['job', 'schedule'], env);
  expect([code, stdout.startsWith('Schedule run over everybody')]).toEqual([0, true]);
  expect(stdout).toMatch(/Tasks made\s+\d+/);
});

test('without a crisis text PHQ-9 is asked of nobody, and PHQ-4 is', async () => {
  const env = await opened();
  await vincle(['job', 'schedule'], env);
  const forms = await formsOf();
  expect([forms.has('phq-9'), forms.has('phq-4'), forms.has('wai-s-p'), forms.has('wai-s-t')]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('a channel that contradicts itself ends with 2 before anything is asked', async () => {
  const env = { ...(await opened()), NOTIFY_SMTP_URL: 'smtps://mail.example' };
  const { code, stderr } = await vincle(['job', 'schedule'], env);
  expect([code, stderr]).toEqual([2, expect.stringContaining('NOTIFY_SMTP_FROM')]);
});

test('vincle serve keeps the schedule by its cron', async () => {
  const env = { ...(await opened()), PORT: '0', SCHEDULE_CRON: '* * * * * *', LOG_LEVEL: 'info' };
  const serving = startVincle(['serve'], env);
  try {
    await new Promise<void>((resolve, reject) => {
      serving.onStderr((text) => text.includes('"job":"schedule"') && resolve());
      void serving.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    expect((await clinic.tasks()).length).toBeGreaterThan(5);
  } finally {
    serving.end();
    await serving.ended;
  }
});
