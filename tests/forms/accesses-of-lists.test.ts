import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AccessEvent, auditEvent } from '../../src/domain/access-event.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { readAccesses } from '../../src/pipeline/audit/read-accesses.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';

let embedded: Embedded;
let state: State;
beforeAll(async () => {
  embedded = await startEmbedded();
  state = await openState('sqlite::memory:');
});
afterAll(async () => {
  await state.close();
  await embedded.stop();
});

test('a list that showed several patients is found under each of them, and under nobody else', async () => {
  const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 5_000 });
  const seen: AccessEvent = {
    id: '3f0c5d1e-7a51-4c44-9a53-8d1f8a2f9b11',
    at: '2026-11-23T10:00:00.000Z',
    action: 'read',
    ok: true,
    who: { reference: 'Practitioner/t1', roles: ['psycho-oncologist'] },
    resources: ['Patient/p1', 'Patient/p2', 'Observation/rating-1'],
    purpose: 'TREAT',
    asked: 'GET /api/worklist',
  };
  const stored = auditEvent(seen, { baseUrl: embedded.baseUrl });
  await server.transaction([{ method: 'PUT', resource: stored }]);
  const of = async (patient: string) =>
    (await readAccesses({ server, state }, { patient, from: '2026-11-01' })).map((it) => [
      it.who.reference,
      it.resources,
    ]);
  const whole = [['Practitioner/t1', expect.arrayContaining(['Patient/p1', 'Patient/p2', 'Observation/rating-1'])]];
  expect(await of('Patient/p1')).toEqual(whole);
  expect(await of('Patient/p2')).toEqual(whole);
  expect(await of('Patient/p3')).toEqual([]);
});
