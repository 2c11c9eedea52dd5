import { afterAll } from '@jest/globals';
import { type Hapi, startHapi } from '../hapi/rig/hapi.ts';
import { decisionJourney, safetyAtSite } from './rig/decision-journey.ts';
import { openSite, type Site } from './rig/hospital.ts';
import { patientJourney } from './rig/patient-journey.ts';
import { therapistJourney } from './rig/therapist-journey.ts';

/** One real HAPI for all journeys of this file. */
let hapi: Promise<Hapi> | undefined;
const siteOnHapi = async (): Promise<Site> => {
  hapi ??= startHapi({ database: 'h2' });
  return openSite((await hapi).baseUrl, await safetyAtSite());
};

afterAll(async () => {
  await (await hapi)?.stop();
}, 60_000);

patientJourney('HAPI', siteOnHapi);
therapistJourney('HAPI', siteOnHapi);
decisionJourney('HAPI', siteOnHapi);
