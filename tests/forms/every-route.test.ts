import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { waitingAccesses } from '../../src/pipeline/audit/deliver-accesses.ts';
import { MARKER } from '../http/rig.ts';
import { openWard, type Person, type Ward } from './rig.ts';

jest.setTimeout(120_000);
let embedded: Embedded;
let ward: Ward;
beforeAll(async () => {
  embedded = await startEmbedded();
  ward = await openWard(embedded.baseUrl);
  await ward.task('a-task', 'sus', 'Patient/p1');
  await ward.put({ resourceType: 'Practitioner', id: 'c1' });
});
afterAll(async () => {
  await ward.stop();
  await embedded.stop();
});

/** Whose launch it is, which jobs there are: nothing of any patient’s. */
const NOTHING = ['/api/session', '/api/logout', '/api/jobs'];

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly object[] }>>>>;
}

const launchRoutes = async (): Promise<readonly (readonly ['GET' | 'POST' | 'PUT', string])[]> => {
  const { paths } = (await (await fetch(`${ward.vincle.url}/openapi.json`)).json()) as Described;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security }]) =>
      security?.some((it) => 'launch' in it) === true && !NOTHING.includes(path)
        ? [[method.toUpperCase() as 'GET', path] as const]
        : [],
    ),
  );
};

test('every route that a launch opens leaves a record of who asked, allowed or refused, without a name or an answer', async () => {
  const routes = await launchRoutes();
  expect(routes.length).toBeGreaterThan(15);
  const people: readonly Person[] = [
    await ward.person('Practitioner/t1', { roles: ['psycho-oncologist'] }),
    await ward.person('Practitioner/c1', { roles: ['coordinator'] }),
    await ward.person('Patient/p1'),
    await ward.person('Patient/p2', { kind: 'link', tasks: ['a-task'] }),
  ];
  const silent: string[] = [];
  for (const [method, path] of routes)
    for (const person of people) {
      const before = (await waitingAccesses(ward.vincle.state)).length;
      const address = path
        .replace(/\{taskId\}/, 'a-task')
        .replace(/\{id\}/, 'p1')
        .replace(/\{[A-Za-z]+\}/g, 'something');
      const { status } = await person.ask(
        method,
        `${address}${path === '/api/paper' ? '?patient=p1' : ''}`,
        method === 'GET' ? undefined : {},
      );
      const after = (await waitingAccesses(ward.vincle.state)).length;
      if (after <= before) silent.push(`${method} ${path} ${person.launch.user} ${status}`);
    }
  expect(silent).toEqual([]);
  expect(JSON.stringify(await waitingAccesses(ward.vincle.state))).not.toContain(MARKER);
});

test('a request without a launch, or with somebody else’s cookie, opens nothing', async () => {
  const other = await ward.person('Patient/p2');
  for (const [method, path] of await launchRoutes()) {
    const address = path.replace(/\{[A-Za-z]+\}/g, 'p1');
    const answer = await fetch(`${ward.vincle.url}${address}`, {
      method,
      headers: { 'vincle-launch': other.launch.id, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: '{}' }),
    });
    expect([path, answer.status]).toEqual([path, 401]);
  }
});

test('a decision taken in a launch is recorded with the patient whom it is about, although the route names the plan', async () => {
  await ward.put({
    resourceType: 'CarePlan',
    id: 'a-plan',
    status: 'draft',
    intent: 'proposal',
    subject: { reference: 'Patient/p1' },
  });
  const anna = await ward.person('Practitioner/t1', {
    roles: ['psycho-oncologist'],
    scope: 'user/CarePlan.rus user/Practitioner.rs',
  });
  await anna.ask('POST', '/api/proposals/a-plan/decision', { decision: 'decline', reason: 'x' });
  const [last] = (await waitingAccesses(ward.vincle.state)).slice(-1);
  expect(last?.entity?.find((it) => it.role?.code === '1')?.what?.reference).toBe('Patient/p1');
  expect(last?.entity?.some((it) => it.what?.reference === 'CarePlan/a-plan')).toBe(true);
});
