import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Vincle } from '../http/rig.ts';
import { ask } from './rig/browser.ts';
import { freePort, type Hospital, openHospital, type VincleAt, vincleAt } from './rig/hospital.ts';
import { launchFromEhr, reasonOf, type Tab } from './rig/launched.ts';

jest.setTimeout(60_000);

let hospital: Hospital;
let folder: string;
const running: Vincle[] = [];

beforeAll(async () => {
  hospital = await openHospital();
  folder = mkdtempSync(join(tmpdir(), 'vincle-sessions-'));
});
afterEach(async () => {
  hospital.authority.tokenFault = undefined;
  hospital.authority.gate.fault = undefined;
  hospital.authority.lifetimes.accessSeconds = 300;
  for (const vincle of running.splice(0)) await vincle.stop();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await hospital.stop();
});

async function vincle(at: VincleAt = {}): Promise<Vincle> {
  const started = await vincleAt(hospital, at);
  running.push(started);
  return started;
}

/** A request that asks the hospital with the person’s own token. */
const readSteps = (tab: Tab, patient = 'p1') => tab.ask(`/api/patients/${patient}/steps`);
const THERAPIST = { person: 'therapist', patient: 'p1' };

test('105, 106, 108 · an access token that ends is renewed on the server, by the refresh token and no wider scope', async () => {
  const { authority } = hospital;
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  const before = authority.asked.token.length;
  authority.expireAccessTokens();
  expect((await readSteps(tab)).status).toBe(200);
  const [refresh] = authority.asked.token.slice(before);
  expect(refresh?.params.get('grant_type')).toBe('refresh_token');
  expect(refresh?.params.get('refresh_token')).toMatch(/^.{20,}$/);
  const asked = refresh?.params.get('scope')?.split(' ') ?? [];
  const granted = authority.asked.authorize.at(-1)?.get('scope')?.split(' ') ?? [];
  expect(asked.filter((it) => !granted.includes(it))).toEqual([]);
});

test('a refresh token that is good once is used once, however many requests wait, and the next one is kept', async () => {
  const { authority } = hospital;
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  for (let round = 0; round < 3; round += 1) {
    const before = authority.asked.token.length;
    authority.expireAccessTokens();
    const answers = await Promise.all(Array.from({ length: 8 }, () => readSteps(tab)));
    expect(answers.map((it) => it.status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(authority.asked.token.length - before).toBe(1);
  }
});

test('two replicas that both need a new token ask for one', async () => {
  const { authority } = hospital;
  const stateUrl = `sqlite:${join(folder, 'refresh.sqlite')}`;
  await vincle({ stateUrl });
  const other = await vincle({ stateUrl, port: await freePort() });
  const tab = await launchFromEhr(hospital, THERAPIST);
  const cookie = tab.browser.cookies.find((it) => it.name.includes(tab.launch));
  const before = authority.asked.token.length;
  authority.expireAccessTokens();
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () => readSteps(tab)),
    ...Array.from({ length: 4 }, () =>
      ask(`${other.url}/api/patients/p1/steps`, {
        headers: { 'vincle-launch': tab.launch, cookie: `${cookie?.name}=${cookie?.value}` },
      }),
    ),
  ]);
  expect(answers.map((it) => it.status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(authority.asked.token.length - before).toBe(1);
});

test('a token that the hospital revoked is seen at once: the next request is refused, and says what to do', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  expect((await readSteps(tab)).status).toBe(200);
  await hospital.authority.revokeEverything();
  const answer = await readSteps(tab);
  expect([answer.status, await reasonOf(answer)]).toEqual([401, 'token-over']);
});

test('an authorization server that is away while a token is renewed is waited for: nobody is logged out', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  hospital.authority.expireAccessTokens();
  for (const fault of ['cut', 503] as const) {
    hospital.authority.tokenFault = fault;
    expect((await readSteps(tab)).status).toBe(503);
  }
  hospital.authority.tokenFault = undefined;
  expect((await readSteps(tab)).status).toBe(200);
});

test('a FHIR server that is down is said so, and the launch goes on when it is back', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  hospital.authority.gate.fault = 'cut';
  expect((await readSteps(tab)).status).toBe(503);
  hospital.authority.gate.fault = undefined;
  expect((await readSteps(tab)).status).toBe(200);
});

test('93, 264 · the hospital is asked with the person’s own token as a Bearer, and by nothing else', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  hospital.authority.gate.seen.length = 0;
  await readSteps(tab);
  const { seen } = hospital.authority.gate;
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every((it) => /^Bearer [^\s]+$/.test(it.authorization ?? '') && it.person === 'therapist')).toBe(true);
});

test('what was granted is respected: without a scope to read plans no plan is shown, though all of it was asked for', async () => {
  await vincle();
  const granted = (asked: readonly string[]) => asked.filter((it) => !it.includes('CarePlan'));
  const tab = await launchFromEhr(hospital, { ...THERAPIST, granted });
  const answer = await readSteps(tab);
  expect([answer.status, await reasonOf(answer)]).toEqual([403, 'insufficient-scope']);
});

test.each(['public', 'secret', 'RS384', 'ES384'] as const)(
  'a whole launch, a renewal and a logout work for a client that is %s at an independent authorization server',
  async (client) => {
    await vincle({ client });
    const tab = await launchFromEhr(hospital, THERAPIST);
    hospital.authority.expireAccessTokens();
    expect((await readSteps(tab)).status).toBe(200);
    await tab.session();
    expect((await tab.ask('/api/logout', { method: 'POST' })).status).toBe(204);
  },
);

test('no token, cookie, person or patient of a launch is in the log', async () => {
  const started = await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  await readSteps(tab);
  await readSteps(tab, 'p2');
  await hospital.authority.revokeEverything();
  await readSteps(tab);
  const secrets = [
    ...hospital.authority.gate.seen.flatMap((it) => it.authorization?.slice('Bearer '.length) ?? []),
    ...tab.browser.cookies.map((it) => it.value),
    tab.launch,
    't1',
    'p1',
  ];
  const log = started.log();
  expect(log).toContain('/api/patients/:id/steps');
  for (const secret of secrets) expect(log.includes(`${secret}"`) || log.includes(`/${secret}`)).toBe(false);
});
