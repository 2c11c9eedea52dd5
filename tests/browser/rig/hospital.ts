import { join } from 'node:path';
import type { PractitionerRole, Task } from 'fhir/r4.js';
import type { BrowserContext, Page } from 'playwright-core';
import { connectFhir } from '../../../src/fhir/connect.ts';
import { type Fault, startProxy } from '../../faults/proxy.ts';
import { admitCohort, type Vincle } from '../../http/rig.ts';
import { type Chosen, startAuthority } from '../../smart/authority/start-authority.ts';
import { freePort, type Hospital, openHospital, PEOPLE, type VincleAt, vincleAt } from '../../smart/rig/hospital.ts';
import { listen } from './browser.ts';

const APP = join(import.meta.dirname, '../../../dist/app');
const BASE = 'https://w3id.org/vincle';

/** A hospital with its authorization server and FHIR gate, and Vincle with its pages beside it. */
export interface Site {
  readonly hospital: Hospital;
  readonly vincle: Vincle;
  readonly origin: string;
  /** The hospital’s FHIR server is away for everybody, until it is back. */
  outage(isAway: boolean): void;
  stop(): Promise<void>;
}

const AWAY: Fault = {
  when: () => true,
  times: Number.POSITIVE_INFINITY,
  answer: {
    status: 503,
    headers: { 'content-type': 'application/fhir+json' },
    body: '{"resourceType":"OperationOutcome"}',
  },
};

/** The hospital on the embedded FHIR server, or on another that runs already. */
export async function openSite(fhir?: string, at: VincleAt = {}): Promise<Site> {
  const hospital = fhir === undefined ? await openHospital() : await openHospitalOn(fhir);
  await employTherapist(hospital.embedded.baseUrl);
  const proxy = await startProxy(hospital.embedded.baseUrl);
  const behind = { ...hospital, embedded: { ...hospital.embedded, baseUrl: proxy.baseUrl } };
  const vincle = await vincleAt(behind, { ...at, options: { appFolder: APP, ...at.options } });
  return {
    hospital,
    vincle,
    origin: `http://127.0.0.1:${hospital.port}`,
    outage: (isAway) => {
      proxy.faults.splice(0, proxy.faults.length, ...(isAway ? [{ ...AWAY }] : []));
      hospital.authority.gate.fault = isAway ? 503 : undefined;
    },
    stop: async () => {
      await vincle.stop();
      await proxy.stop();
      await hospital.stop();
    },
  };
}

/** Who has no role at the hospital opens nothing. */
async function employTherapist(baseUrl: string): Promise<void> {
  const server = connectFhir({ baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
  const role: PractitionerRole = {
    resourceType: 'PractitionerRole',
    id: 'r1',
    active: true,
    practitioner: { reference: 'Practitioner/t1' },
    code: [{ coding: [{ system: `${BASE}/CodeSystem/role`, code: 'psycho-oncologist' }] }],
  };
  await server.transaction([{ method: 'PUT', resource: role }]);
}

/** The same cohort and authorization server before a FHIR server that is not ours to stop. */
async function openHospitalOn(baseUrl: string): Promise<Hospital> {
  const server = connectFhir({ baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
  await admitCohort(server);
  const port = await freePort();
  const authority = await startAuthority({
    fhir: baseUrl,
    people: PEOPLE,
    redirectUris: [`http://127.0.0.1:${port}/callback`],
  });
  return { embedded: { baseUrl, stop: async () => {} }, authority, port, stop: () => authority.stop() };
}

/** A launch in a tab: from the EHR where `chosen` names what is in view. */
export interface OpenedTab {
  readonly page: Page;
  readonly launch: string;
  readonly complaints: string[];
}

/** Opens Vincle from the EHR, or from the portal for a patient, in a new tab of this browser window. */
export async function launchIn(
  context: BrowserContext,
  { hospital, origin }: Pick<Site, 'hospital' | 'origin'>,
  chosen: Chosen,
): Promise<OpenedTab> {
  const address = new URL(hospital.authority.launchUrl(origin, chosen));
  if (chosen.person.startsWith('patient')) address.pathname = '/launch/patient';
  return arrive(context, address.href);
}

/** Starts Vincle alone; who signs in is what the authority is told. */
export async function launchAloneIn(
  context: BrowserContext,
  site: Pick<Site, 'hospital' | 'origin'>,
  chosen: Chosen,
): Promise<OpenedTab> {
  const { authority } = site.hospital;
  const path = chosen.person.startsWith('patient') ? '/launch/patient' : '/launch';
  authority.standalone = chosen;
  try {
    return await arrive(context, `${site.origin}${path}?iss=${encodeURIComponent(authority.iss)}`);
  } finally {
    authority.standalone = undefined;
  }
}

async function arrive(context: BrowserContext, address: string): Promise<OpenedTab> {
  const page = await context.newPage();
  const complaints: string[] = [];
  listen(page, complaints);
  await page.goto(address);
  await page.waitForURL(/\/(app|form)\/[A-Za-z0-9_-]+/);
  const launch = new URL(page.url()).pathname.split('/')[2] ?? '';
  return { page, launch, complaints };
}

/** Asks a person for a form, now and for a month. */
export async function askFor(
  site: Pick<Site, 'hospital'>,
  id: string,
  form: string,
  patient: string,
  owner = `Patient/${patient}`,
) {
  const day = 86_400_000;
  const task: Task = {
    resourceType: 'Task',
    id,
    meta: { profile: [`${BASE}/StructureDefinition/questionnaire-task`] },
    identifier: [{ system: `${BASE}/identifier/task`, value: id }],
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    code: {
      coding: [
        { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'complete-questionnaire' },
        { system: `${BASE}/CodeSystem/task`, code: 'questionnaire' },
      ],
    },
    for: { reference: `Patient/${patient}` },
    owner: { reference: owner },
    authoredOn: new Date().toISOString(),
    restriction: {
      period: {
        start: new Date(Date.now() - day).toISOString(),
        end: new Date(Date.now() + 30 * day).toISOString(),
      },
    },
    input: [
      {
        type: { coding: [{ system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'questionnaire' }] },
        valueCanonical: `${BASE}/Questionnaire/${form}|1.0.0`,
      },
    ],
  };
  const server = connectFhir({ baseUrl: site.hospital.embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 5_000 });
  await server.transaction([{ method: 'PUT', resource: task }]);
}
