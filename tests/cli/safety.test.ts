import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { vincle } from '../faults/vincle.ts';
import { CRISIS, openSafetyWard, phq9, type SafetyWard, SECRET } from '../safety/safety-ward.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
let ward: SafetyWard;
let folder: string;
beforeAll(async () => {
  embedded = await startEmbedded();
  ward = await openSafetyWard('cli', embedded.baseUrl);
  folder = mkdtempSync(join(tmpdir(), 'vincle-safety-cli-'));
  write('contacts.json', { roles: { coordinator: [{ reference: ward.carme, language: 'ca' }] } });
  write('crisis.json', { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' });
});
afterAll(async () => {
  await ward.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, json: object): void {
  mkdirSync(join(folder, 'profiles/programme'), { recursive: true });
  writeFileSync(join(folder, 'profiles/programme', file), JSON.stringify(json));
}
const run = (args: string[], more: Record<string, string> = {}) =>
  vincle(args, {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: ward.study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    CONTENT_DIR: folder,
    NOTIFY_WEBHOOK_URL: ward.receiver.url,
    NOTIFY_WEBHOOK_SECRET: SECRET,
    ...more,
  });

test('a sign from poll to closure on the command line, each step by a named clinician', async () => {
  await ward.direct.write({ method: 'POST', resource: phq9(ward.patient, { 9: 2 }) });
  const dry = await run(['job', 'safety', '--dry-run', '--json']);
  expect([dry.code, JSON.parse(dry.stdout)]).toEqual([0, expect.objectContaining({ raised: 1, dryRun: true })]);
  expect(await ward.flags()).toEqual([]);
  const real = await run(['job', 'safety', '--json']);
  expect([real.code, JSON.parse(real.stdout)]).toEqual([0, expect.objectContaining({ raised: 1, told: 1 })]);
  // The poll after a full one still sees who came into the programme a moment ago; the next has seen that too.
  await run(['job', 'safety']);
  const idle = JSON.parse((await run(['job', 'safety', '--json'])).stdout);
  expect([idle.raised, idle.read, idle.requests]).toEqual([0, 0, 1]);
  const listed = JSON.parse((await run(['safety', 'list', '--json'])).stdout);
  const { task } = listed.open[0];
  expect(listed.open[0]).toMatchObject({ patient: ward.patient, state: 'raised', owner: ward.anna, overdue: false });
  expect((await run(['safety', 'acknowledge', task, '--as', ward.anna])).stdout).toContain('acknowledged');
  const unknown = await run(['safety', 'close', task, '--as', ward.anna, '--outcome', 'it-was-nothing', '--json']);
  expect([unknown.code, JSON.parse(unknown.stdout).kind]).toEqual([1, 'unknown-outcome']);
  expect((await run(['safety', 'close', task, '--as', ward.anna, '--outcome', 'safety-plan'])).code).toBe(0);
  const again = await run(['safety', 'close', task, '--as', ward.bernat, '--outcome', 'referred']);
  expect([again.code, again.stdout]).toEqual([1, expect.stringContaining(ward.anna)]);
  expect((await run(['safety', 'close', task])).code).toBe(2);
});

test('doctor states the worst delay, and what a site still lacks', async () => {
  const { findings } = JSON.parse((await run(['doctor', '--json'])).stdout);
  const found = (word: string) => findings.find((it: { ability: string }) => it.ability.includes(word));
  expect(found('longest time').evidence).toContain('130 s where others store it');
  expect([found('may be asked').found, found('SAFETY_FROM').found]).toEqual(['yes', 'no']);
  expect(found('by when answers are read')).toMatchObject({ found: 'no', evidence: expect.stringContaining('byWhen') });
  expect(found('outside the study').consequence).toContain('Vincle sends them no form');
  const bare = JSON.parse(
    (await run(['doctor', '--json'], { NOTIFY_WEBHOOK_URL: '', NOTIFY_WEBHOOK_SECRET: '' })).stdout,
  );
  const offer = bare.findings.find((it: { ability: string }) => it.ability.includes('may be asked'));
  expect([offer.found, offer.consequence]).toEqual(['no', expect.stringContaining('PHQ-4 is offered instead')]);
});

test.each([
  ['half a crisis text', 'crisis.json', { words: { es: 'x' }, confirmedBy: 'a', date: '2026-11-23' }, 'words.ca'],
  ['a crisis text that nobody confirmed', 'crisis.json', { words: CRISIS, date: '2026-11-23' }, 'confirmedBy'],
  [
    'a contact whom nothing reaches',
    'contacts.json',
    { roles: { coordinator: [{ language: 'es' }] } },
    'coordinator[0]',
  ],
  [
    'a role that nobody knows',
    'contacts.json',
    { roles: { janitor: [{ email: 'a@b.c', language: 'es' }] } },
    'janitor',
  ],
])('the product does not start on %s', async (_what, file, json, place) => {
  write('contacts.json', { roles: { coordinator: [{ reference: ward.carme, language: 'ca' }] } });
  write('crisis.json', { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' });
  write(file, json);
  const { code, stderr } = await run(['job', 'safety']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(place)]);
});
