import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Vincle } from '../http/rig.ts';
import { type Hospital, openHospital, vincleAt } from './rig/hospital.ts';
import { launchFromEhr } from './rig/launched.ts';

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

const CHART = { person: 'therapist', patient: 'p1' } as const;

/** Where the browser arrives, without the launch. */
async function arrives(context: Readonly<Record<string, unknown>>): Promise<string> {
  const { url } = (await launchFromEhr(hospital, { ...CHART, context })).arrived;
  return `${url.pathname.replace(/^\/app\/[^/]+/, '')}${url.hash}`;
}

test('an EHR opens the patient’s page where it wants by intent, and the usual page by one that nobody knows', async () => {
  expect(await arrives({ intent: 'alliance' })).toBe('/patients/p1#alliance');
  expect(await arrives({ intent: 'decide' })).toBe('/patients/p1#needs');
  expect(await arrives({ intent: 'answer' })).toBe('/round');
  for (const intent of ['reconcile', 'constructor', '../../..', '#due', ''])
    expect([intent, await arrives({ intent })]).toEqual([intent, '/patients/p1']);
});

test('a resource that the launch is about goes before its intent', async () => {
  const fhirContext = [{ reference: 'QuestionnaireResponse/r7' }];
  expect(await arrives({ intent: 'alliance', fhirContext })).toBe('/patients/p1/responses/r7');
});
