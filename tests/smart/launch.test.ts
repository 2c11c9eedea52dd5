import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Vincle } from '../http/rig.ts';
import { type Hospital, openHospital, vincleAt } from './rig/hospital.ts';
import { launchAlone, launchFromEhr } from './rig/launched.ts';

jest.setTimeout(60_000);

let hospital: Hospital;
let vincle: Vincle;

beforeAll(async () => {
  hospital = await openHospital();
  vincle = await vincleAt(hospital);
});
afterAll(async () => {
  await vincle.stop();
  await hospital.stop();
});

test('a therapist who opens Vincle from a chart arrives at that patient, known by name of role and record', async () => {
  const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  expect(tab.arrived.url.pathname).toBe(`/app/${tab.launch}/patients/p1`);
  const session = await tab.session();
  expect(session).toMatchObject({
    launch: tab.launch,
    user: { reference: 'Practitioner/t1', kind: 'practitioner' },
    patient: 'p1',
  });
});

test('a patient who opens Vincle alone arrives at the forms, for the own record alone', async () => {
  const tab = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' });
  expect(tab.arrived.url.pathname).toBe(`/form/${tab.launch}/`);
  expect(await tab.session()).toMatchObject({ user: { reference: 'Patient/p1', kind: 'patient' }, patient: 'p1' });
});
