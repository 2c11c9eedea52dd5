import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FhirResource } from 'fhir/r4.js';
import { connectFhir } from '../../../src/fhir/connect.ts';
import type { FhirServer, Write } from '../../../src/fhir/port.ts';
import { type Running, startVincle } from '../../faults/vincle.ts';
import { MARKER } from '../../http/rig.ts';
import { type Receiver, startReceiver } from '../../safety/receiver.ts';
import { CRISIS } from '../../safety/safety-ward.ts';
import { CLIENT_IDS } from '../../smart/authority/start-authority.ts';
import { type Hospital, openHospital, PEOPLE } from '../../smart/rig/hospital.ts';

/** `vincle serve` in a process of its own, at a hospital with its authorization server and a receiver of notices. */
export interface Served {
  readonly hospital: Hospital;
  readonly origin: string;
  readonly receiver: Receiver;
  /** The hospital’s server without its gate. */
  readonly fhir: FhirServer;
  /** `STATE_URL` of the process. */
  readonly stateUrl: string;
  /** The code of the last short message. */
  oneTimeCode(): string;
  /** As if 72 hours had passed for every link: no other clock is asked. */
  linksExpire(): void;
  stop(): Promise<void>;
}

const BASE = 'https://w3id.org/vincle';

const coordinators = [
  ['c1', 'Clara'],
  ['c2', 'Dolors'],
] as const;

export async function openServed(): Promise<Served> {
  const reaches = { patients: ['p1', 'p2'] };
  const hospital = await openHospital({
    people: {
      ...PEOPLE,
      clara: { fhirUser: 'Practitioner/c1', ...reaches },
      dolors: { fhirUser: 'Practitioner/c2', ...reaches },
    },
  });
  const fhir = connectFhir({ baseUrl: hospital.embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
  await employ(fhir);
  const receiver = await startReceiver();
  const folder = mkdtempSync(join(tmpdir(), 'vincle-served-'));
  const stateUrl = `sqlite:${join(folder, 'state.sqlite')}`;
  const process = await serve(hospital, receiver, folder, stateUrl);
  return {
    hospital,
    origin: `http://127.0.0.1:${hospital.port}`,
    receiver,
    fhir,
    stateUrl,
    oneTimeCode: () =>
      /\d{6}/.exec(receiver.got.findLast((it) => it.type === 'vincle.one-time-code')?.text ?? '')?.[0] ?? 'none',
    linksExpire: () => {
      const file = new DatabaseSync(stateUrl.slice('sqlite:'.length));
      file.exec(`UPDATE kept SET expires_at = '2000-01-01T00:00:00.000Z' WHERE id LIKE 'link/%'`);
      file.close();
    },
    stop: async () => {
      process.end();
      await process.ended;
      await receiver.stop();
      await hospital.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Once a year, in the small hours: not while anybody tests. */
const NEVER = '17 3 29 2 *';

/** Two coordinators and a therapist with their roles, and a patient with a telephone. */
async function employ(fhir: FhirServer): Promise<void> {
  const role = (id: string, person: string, code: string) =>
    ({
      resourceType: 'PractitionerRole',
      id,
      active: true,
      practitioner: { reference: `Practitioner/${person}` },
      code: [{ coding: [{ system: `${BASE}/CodeSystem/role`, code }] }],
    }) as const;
  await fhir.transaction(
    [
      role('r1', 't1', 'psycho-oncologist'),
      ...coordinators.flatMap(([id, text]) => [
        { resourceType: 'Practitioner', id, active: true, name: [{ text }] } as const,
        role(`role-${id}`, id, 'coordinator'),
      ]),
      { resourceType: 'Device', id: 'vincle' } as const,
      {
        resourceType: 'Patient',
        id: 'p1',
        name: [{ family: MARKER }],
        telecom: [{ system: 'phone', use: 'mobile', value: '+34600000001' }],
      } as const,
    ].map((resource): Write => ({ method: 'PUT', resource: { ...resource } as FhirResource })),
  );
}

async function serve(hospital: Hospital, receiver: Receiver, folder: string, stateUrl: string): Promise<Running> {
  const { authority, port } = hospital;
  const programme = join(folder, 'content/profiles/programme');
  mkdirSync(programme, { recursive: true });
  const confirmed = { confirmedBy: 'nobody: a test', date: '2026-11-23' };
  writeFileSync(join(programme, 'crisis.json'), JSON.stringify({ words: CRISIS, ...confirmed }));
  writeFileSync(join(folder, 'key.pem'), authority.keys.ES384.pem);
  writeFileSync(
    join(folder, 'registrations.json'),
    JSON.stringify([
      { iss: authority.iss, clientId: CLIENT_IDS.ES384, authentication: 'private_key_jwt', privateKeyFile: 'key.pem' },
    ]),
  );
  const started = startVincle(['serve'], {
    // What a test asks of somebody by hand the schedule would take back at its next run.
    ALLIANCE_CRON: NEVER,
    STEPS_CRON: NEVER,
    SCHEDULE_CRON: NEVER,
    FHIR_BASE_URL: authority.iss,
    FHIR_AUTH: 'bearer',
    FHIR_TOKEN: authority.systemToken,
    STUDY: 'study',
    STATE_URL: stateUrl,
    SMART_REGISTRATIONS_FILE: join(folder, 'registrations.json'),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    CONTENT_DIR: join(folder, 'content'),
    PERSONAL_LINKS: 'on',
    NOTIFY_WEBHOOK_URL: receiver.url,
    NOTIFY_WEBHOOK_SECRET: 'the-webhook-secret-of-the-tests-32-bytes',
  });
  await new Promise<void>((listens, failed) => {
    started.onStderr((said) => {
      if (said.includes('Vincle listens')) listens();
    });
    started.ended.then(({ stderr }) => failed(new Error(`it ended: ${stderr.slice(-800)}`)));
  });
  return started;
}
