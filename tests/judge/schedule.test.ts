import { beforeAll, expect, test } from '@jest/globals';
import type { FhirResource, Task } from 'fhir/r4.js';
import { rescheduleProvenance, withDays } from '../../src/domain/reschedule.ts';
import { startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { carePlan, consent, openClinic } from '../schedule/clinic.ts';
import { startReceiver } from '../schedule/receiver.ts';
import { TRIGGERED } from '../schedule/triggered-scenarios.ts';
import { observed } from '../steps/reading.ts';
import { errorLines, judge } from './judge.ts';

let written: FhirResource[];
let verdicts: Awaited<ReturnType<typeof judge>>;

/** Every state of a questionnaire Task, and reminders that arrived, did not, and were begun only. */
beforeAll(async () => {
  const receiver = await startReceiver();
  const embedded = await startEmbedded();
  try {
    const clinic = await openClinic('judged', { baseUrl: embedded.baseUrl, receiver });
    clinic.protocol = TRIGGERED;
    const patients = ['p', 'q', 'r', 's'].map((name) => `Patient/${clinic.id}-${name}`);
    for (const name of ['p', 'q', 'r', 's']) await clinic.put(...clinic.admit(name));
    await clinic.put(carePlan(`${clinic.id}-p`, '2025-02-24'));
    const thermometer = observed('distress-thermometer', 6, '2025-02-19T10:00:00+01:00');
    await clinic.put({ ...thermometer, id: `${clinic.id}-high`, subject: { reference: clinic.patient } });
    await clinic.keep('2025-02-20T12:00:00Z');
    written = await standing(clinic, patients);
    receiver.answer = (to) => (to === patients[0] ? 422 : to === patients[1] ? 503 : 204);
    await clinic.keep('2025-03-11T08:00:00Z');
    await clinic.answer('sus', '2025-03-12T10:00:00+01:00');
    await clinic.answer('wai-s-p', '2025-03-12T10:00:00+01:00', { status: 'in-progress' });
    await clinic.put(consent(`${clinic.id}-s`, 'digital-follow-up', 'deny'));
    await clinic.keep('2025-03-12T12:00:00Z');
    written.push(...(await standing(clinic, patients)));
    await clinic.keep('2025-05-25T12:00:00Z');
    written.push(...(await standing(clinic, patients)));
    const [task] = await clinic.tasks();
    const days = { first: '2025-05-26', last: '2025-06-02' };
    if (task === undefined) throw new Error('Nobody was asked.');
    written.push(withDays(task, days, clinic.therapist, '2025-05-25T13:00:00Z', 'on holiday'));
    written.push(
      rescheduleProvenance({ reference: `Task/${task.id}` }, clinic.therapist, '2025-05-25T13:00:00Z', 'on holiday'),
    );
  } finally {
    await embedded.stop();
    await receiver.stop();
  }
  verdicts = await judge(written);
}, 300_000);

async function standing(clinic: Awaited<ReturnType<typeof openClinic>>, patients: readonly string[]) {
  const found: FhirResource[] = [];
  for (const patient of patients) {
    found.push(...(await clinic.all('Task', 'patient', patient)));
    found.push(...(await clinic.all('CommunicationRequest', 'recipient', patient)));
    found.push(...(await clinic.all('Communication', 'recipient', patient)));
  }
  found.push(...(await clinic.all('CommunicationRequest', 'recipient', clinic.therapist)));
  found.push(...(await clinic.all('Communication', 'recipient', clinic.therapist)));
  return found;
}

test('every state of a questionnaire Task and of a reminder occurs among what was written', () => {
  const states = (type: string) => [
    ...new Set(written.flatMap((it) => (it.resourceType === type && 'status' in it ? [String(it.status)] : []))),
  ];
  expect(states('Task').sort()).toEqual(['cancelled', 'completed', 'failed', 'in-progress', 'ready', 'requested']);
  expect(states('CommunicationRequest').sort()).toEqual(['active', 'completed', 'revoked']);
  expect(states('Communication').sort()).toEqual(['completed', 'not-done']);
});

test('a Task that an answer called for is among them, with the answer', () => {
  const called = written.filter((it): it is Task => it.resourceType === 'Task' && it.reasonReference !== undefined);
  expect([...new Set(called.map((it) => it.reasonReference?.reference))]).toEqual(['Observation/judged-high']);
  expect(called.map((it) => it.status)).toContain('ready');
});

test('the HL7 validator finds no error in any of it, by Vincle’s own profiles', () => {
  expect(written.filter((it) => it.resourceType !== 'Provenance' && (it.meta?.profile ?? []).length === 0)).toEqual([]);
  expect(errorLines(written, verdicts)).toEqual([]);
});

test('a Task without its window, and an expired one that did not fail, are refused', async () => {
  const [task] = written.filter((it): it is Task => it.resourceType === 'Task' && it.status === 'failed');
  const faulty: Task[] = [
    { ...task!, restriction: { period: { start: '2025-02-24' } } },
    { ...task!, restriction: { ...task!.restriction, repetitions: 1 } },
    { ...task!, status: 'ready' },
  ];
  const refusals = await judge(faulty);
  const lines = faulty.map((it, index) => errorLines([it], [refusals[index]!]).join('\n'));
  expect(lines).toEqual([
    expect.stringContaining('vin-90'),
    expect.stringContaining('repetitions'),
    expect.stringContaining('vin-92'),
  ]);
}, 120_000);
