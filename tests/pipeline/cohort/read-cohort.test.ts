import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { AuditEvent, Bundle, Consent, FhirResource, QuestionnaireResponse, ResearchSubject } from 'fhir/r4.js';
import type { CohortRow } from '../../../src/analysis/cohort-data.ts';
import { displayOf } from '../../../src/content/display.ts';
import { loadContent } from '../../../src/content/load.ts';
import { participants } from '../../../src/domain/queries.ts';
import { generateCohort } from '../../../src/embedded/cohort/generate-cohort.ts';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../../src/fhir/connect.ts';
import type { FhirServer } from '../../../src/fhir/port.ts';
import { armsOfGroups, armsOfList, type GivenArms } from '../../../src/pipeline/cohort/arms.ts';
import { changesSince } from '../../../src/pipeline/cohort/changes-since.ts';
import type { InCohort } from '../../../src/pipeline/cohort/cohort-patient.ts';
import { spoolExport } from '../../../src/pipeline/cohort/exported-server.ts';
import { readCohort } from '../../../src/pipeline/cohort/read-cohort.ts';
import { computeAlliance } from '../../../src/pipeline/compute-alliance.ts';
import { openState } from '../../../src/state/open.ts';

jest.setTimeout(120_000);

const PATIENTS = 14;
const TWO_ARMS = 'Patient/cohort-patient-0002';
const NO_INCLUSION = 'Patient/cohort-patient-0003';
const DENIES = 'Patient/cohort-patient-0004';
const RATED_TWICE = 'Patient/cohort-patient-0005';
/** A hospital’s own forms, of LOINC’s category and of scope research. */
const DENIES_IN_OTHER_WORDS = 'Patient/cohort-patient-0007';
const UNCLEAR = 'Patient/cohort-patient-0008';
const WITHDRAWN_AND_CONSENTS = 'Patient/cohort-patient-0001';
const SILENT_THERAPIST = 'Patient/cohort-patient-0006';

let embedded: Embedded;
let server: FhirServer;
let study: string;
let episodeType: string;
/** What was sent to the server: the independent counts read this, and nothing that Vincle wrote. */
let sent: readonly FhirResource[];

const isSilenced = (it: FhirResource): boolean =>
  it.resourceType === 'QuestionnaireResponse' &&
  it.subject?.reference === SILENT_THERAPIST &&
  (it.questionnaire ?? '').includes('/wai-s-t|');

const ofType = <T extends FhirResource['resourceType']>(type: T) =>
  sent.filter((it): it is Extract<FhirResource, { resourceType: T }> => it.resourceType === type);

const researchConsent = (patient: string, type: 'deny' | 'permit'): Consent => ({
  resourceType: 'Consent',
  id: `cohort-research-${type}`,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/consent-purpose', code: 'research' }] }],
  patient: { reference: patient },
  policyRule: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: type === 'deny' ? 'OPTOUT' : 'OPTIN' },
    ],
  },
  provision: { type },
});

const ownForm = (id: string, patient: string, provision: Consent['provision']): Consent => ({
  ...researchConsent(patient, 'deny'),
  id,
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  policyRule: { text: 'the form of this hospital' },
  provision,
});

function extras(all: readonly FhirResource[]): FhirResource[] {
  const subjectOf = (patient: string): ResearchSubject => {
    const found = all.find((it) => it.resourceType === 'ResearchSubject' && it.individual.reference === patient);
    if (found?.resourceType !== 'ResearchSubject') throw new Error(`nobody is ${patient}`);
    return found;
  };
  const [two, none] = [subjectOf(TWO_ARMS), subjectOf(NO_INCLUSION)];
  const first = all.find(
    (it): it is QuestionnaireResponse =>
      it.resourceType === 'QuestionnaireResponse' &&
      it.subject?.reference === RATED_TWICE &&
      (it.questionnaire ?? '').includes('/wai-s-p|'),
  );
  if (first === undefined) throw new Error('nobody rated');
  const later = new Date(Date.parse(first.authored ?? '') + 5 * 86_400_000).toISOString();
  const { period: _unknown, ...withoutInclusion } = none;
  return [
    { ...two, id: `${two.id}-other`, identifier: [], assignedArm: 'usual-and-digital' },
    withoutInclusion,
    { ...first, id: `${first.id}-again`, identifier: { system: 'urn:again', value: 'again' }, authored: later },
    researchConsent(DENIES, 'deny'),
    researchConsent(WITHDRAWN_AND_CONSENTS, 'permit'),
    ownForm('cohort-own-deny', DENIES_IN_OTHER_WORDS, { type: 'deny' }),
    ownForm('cohort-own-unclear', UNCLEAR, { period: { start: '2020-01-01' } }),
  ];
}

const contextFor = async (baseUrl: string) => {
  const content = await loadContent({ shipped: resolve('.'), baseUrl });
  const settings = { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl };
  return { content, display: displayOf(content.resources), settings };
};

beforeAll(async () => {
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 5, patients: PATIENTS, idPrefix: 'cohort', faults: false });
  study = cohort.study;
  episodeType = cohort.episodeType;
  const bundles = [...cohort.first, ...cohort.second];
  const all = bundles.flatMap((it) => (it.entry ?? []).flatMap(({ resource }) => resource ?? []));
  for (const bundle of bundles)
    await server.request('POST', '', {
      ...bundle,
      entry: (bundle.entry ?? []).filter(({ resource }) => resource !== undefined && !isSilenced(resource)),
    } as Bundle<FhirResource>);
  for (const resource of extras(all)) await server.write({ method: 'PUT', resource });
  sent = all.filter((it) => !isSilenced(it));
  await computed();
});
afterAll(() => embedded.stop());

async function computed(): Promise<void> {
  const state = await openState('sqlite::memory:');
  const context = await contextFor(embedded.baseUrl);
  await computeAlliance(
    { server, state, context },
    { overlapMs: 60_000, now: Date.now, holder: 'test', pause: async () => undefined, all: true },
  );
  await state.close();
}

const READ = {
  visits: ['m3', 'm6', 'm12'],
  code: (_: unknown, reference: string) => reference,
  site: 'Organization/none',
  nowMs: Date.parse('2026-11-23T12:00:00Z'),
};

async function read(from: FhirServer = server, givenArms?: GivenArms) {
  const reading = readCohort(from, await contextFor(from.baseUrl), { ...READ, givenArms });
  const patients: InCohort[] = [];
  for await (const it of reading.patients) patients.push(it);
  return { patients, rows: patients.flatMap((it) => it.rows), tally: reading.tally };
}

const DAY = 86_400_000;
const dayOf = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY;
const inclusionOf = (patient: string): string =>
  ofType('ResearchSubject').find((it) => it.individual.reference === patient)?.period?.start ?? '';
/** Windows end 44 days after three months (91), 44 after six (182), 60 after twelve (365). */
const visitOf = (day: number): string => (day < 137 ? 'm3' : day < 270 ? 'm6' : 'm12');
/** The study says that they withdrew, and one of them lets research go on. */
const withdrawn = (): string[] =>
  ofType('ResearchSubject').flatMap((it) => (it.status === 'withdrawn' ? (it.individual.reference ?? []) : []));
const leftOut = (): string[] => [
  TWO_ARMS,
  NO_INCLUSION,
  DENIES,
  DENIES_IN_OTHER_WORDS,
  UNCLEAR,
  ...withdrawn().filter((it) => it !== WITHDRAWN_AND_CONSENTS),
];

/** Raw answer of an item, by the code of its option. */
const raw = (it: QuestionnaireResponse, linkId: string): number =>
  Number(it.item?.find((one) => one.linkId === linkId)?.answer?.[0]?.valueCoding?.code);
const numbered = (count: number, item: string): string[] =>
  Array.from({ length: count }, (_, at) => `${item}-${at + 1}`);

/** WAI-S total by hand: items 4 and 10 are worded the other way round (Hatcher & Gillaspy 2006). */
const waiTotal = (it: QuestionnaireResponse): number =>
  numbered(12, 'wai').reduce((sum, id) => sum + (id === 'wai-4' || id === 'wai-10' ? 8 - raw(it, id) : raw(it, id)), 0);
/** SUS by hand: odd items − 1, even items 5 −, times 2.5 (Brooke 1996). */
const susTotal = (it: QuestionnaireResponse): number =>
  2.5 * numbered(10, 'sus').reduce((sum, id, at) => sum + (at % 2 === 0 ? raw(it, id) - 1 : 5 - raw(it, id)), 0);

const formOf = (it: QuestionnaireResponse): string => /Questionnaire\/([^|]+)/.exec(it.questionnaire ?? '')?.[1] ?? '';
const answered = (form: string) =>
  ofType('QuestionnaireResponse').filter(
    (it) =>
      formOf(it) === form &&
      !leftOut().includes(it.subject?.reference ?? '') &&
      inclusionOf(it.subject?.reference ?? '') !== '',
  );
const placed = (it: QuestionnaireResponse) => {
  const patient = it.subject?.reference ?? '';
  const day = dayOf(it.authored ?? '') - dayOf(inclusionOf(patient));
  return { patient, day, visit: visitOf(day) };
};
const line = (it: Pick<CohortRow, 'patient' | 'rater' | 'visit' | 'day' | 'total'>): string =>
  [it.patient, it.rater, it.visit, it.day, it.total].join(' ');

test('every rating that counts is one row, with the day and the total that a count by hand gives', async () => {
  const { rows } = await read();
  const byHand = (['patient', 'therapist'] as const).flatMap((rater) =>
    answered(`wai-s-${rater[0]}`).map((it) => line({ ...placed(it), rater, total: waiTotal(it) })),
  );
  expect(byHand.length).toBeGreaterThan(40);
  expect(rows.map(line).sort()).toEqual(byHand.sort());
});

test('the second rating in one window is no row', async () => {
  const { rows } = await read();
  const own = rows.filter((it) => it.patient === RATED_TWICE && it.rater === 'patient' && it.visit === 'm3');
  expect(own).toHaveLength(1);
});

test('usability and age stand as a count by hand gives them', async () => {
  const { patients } = await read();
  const byHand = answered('sus').map((it) => `${placed(it).patient} ${placed(it).visit} ${susTotal(it)}`);
  const found = patients.flatMap(({ patient }) =>
    patient.visits.flatMap((it) => (it.sus === undefined ? [] : [`${patient.patient} ${it.visit} ${it.sus}`])),
  );
  expect(byHand.length).toBeGreaterThan(5);
  expect(found.sort()).toEqual(byHand.sort());
  for (const { patient } of patients) {
    const born = ofType('Patient').find((it) => `Patient/${it.id}` === patient.patient)?.birthDate ?? '';
    // A year is 365.2425 days: within one of the completed years, and never older.
    const years = (dayOf(inclusionOf(patient.patient)) - dayOf(born)) / 365.2425;
    expect(Math.abs((patient.ageAtInclusion ?? Number.NaN) + 0.5 - years)).toBeLessThan(0.51);
  }
});

const KIND: Readonly<Record<string, string>> = { ONLINEWRIT: 'message', PHONE: 'call', VIDEOCONF: 'video' };
const MONTHS: Readonly<Record<string, number>> = { m3: 0, m6: 3, m12: 6 };
/** The same day some months later, the last of a shorter month. */
function monthsAfter(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

test('contacts are counted from the previous target to the instant before the earlier rating, by kind', async () => {
  const { patients } = await read();
  let compared = 0;
  for (const { patient } of patients)
    for (const { visit, communications } of patient.visits) {
      const ratings = [...answered('wai-s-p'), ...answered('wai-s-t')].filter(
        (it) => placed(it).patient === patient.patient && placed(it).visit === visit,
      );
      if (ratings.length === 0) {
        expect(communications).toBeUndefined();
        continue;
      }
      const before = Math.min(...ratings.map((it) => Date.parse(it.authored ?? '')));
      const from = monthsAfter(inclusionOf(patient.patient), MONTHS[visit] ?? 0);
      const own = ofType('Communication').filter(
        (it) =>
          it.subject?.reference === patient.patient &&
          (it.sent ?? '').slice(0, 10) >= from &&
          Date.parse(it.sent ?? '') < before,
      );
      for (const [medium, kind] of Object.entries(KIND)) {
        const count = own.filter((it) => it.medium?.[0]?.coding?.[0]?.code === medium).length;
        const found = communications?.[kind as 'message'];
        expect([patient.patient, visit, kind, found?.count]).toEqual([patient.patient, visit, kind, count]);
        expect(found?.per30Days).toBeCloseTo((30 * count) / (before / DAY - dayOf(from)), 1);
        compared += count;
      }
    }
  expect(compared).toBeGreaterThan(20);
});

test('a kind of contact that no source tells of is unknown and never none', async () => {
  const { patients, tally } = await read();
  expect(tally.fed).toEqual(['message', 'call', 'video', 'in-person']);
  const told = patients.flatMap((it) => it.patient.visits.flatMap((visit) => visit.communications ?? []));
  expect(told.length).toBeGreaterThan(10);
  expect(told.every((it) => it.group === undefined && it.message !== undefined)).toBe(true);
});

test('who is in two arms, has no inclusion or refuses research is counted and left out', async () => {
  const { patients, tally } = await read();
  expect(Object.fromEntries(tally.leftOut)).toEqual(expect.objectContaining({ 'several-arms': 1, 'no-inclusion': 1 }));
  const found = new Set(patients.map((it) => it.patient.patient));
  expect(leftOut().filter((it) => found.has(it))).toEqual([]);
  expect(tally.read).toBe(PATIENTS);
  expect(patients.length + [...tally.leftOut.values()].reduce((sum, it) => sum + it, 0)).toBe(PATIENTS);
});

test('a hospital’s own denial of research leaves out, and a form of it that cannot be understood is a reason of its own', async () => {
  const { patients, tally } = await read();
  expect(withdrawn()).not.toContain(UNCLEAR);
  expect(withdrawn()).not.toContain(DENIES_IN_OTHER_WORDS);
  expect(Object.fromEntries(tally.leftOut)).toMatchObject({ 'no-research-consent': 2, 'research-consent-unclear': 1 });
  expect(patients.filter((it) => [UNCLEAR, DENIES_IN_OTHER_WORDS].includes(it.patient.patient))).toEqual([]);
});

test('who withdrew is left out unless a Consent lets research go on, and then counts as one who left', async () => {
  const { patients, tally } = await read();
  expect(withdrawn()).toContain(WITHDRAWN_AND_CONSENTS);
  const others = [TWO_ARMS, NO_INCLUSION, DENIES, WITHDRAWN_AND_CONSENTS];
  const expected = withdrawn().filter((it) => !others.includes(it));
  expect(expected.length).toBeGreaterThan(0);
  expect(tally.leftOut.get('withdrawn-from-research')).toBe(expected.length);
  const kept = patients.find((it) => it.patient.patient === WITHDRAWN_AND_CONSENTS)?.patient;
  expect(kept?.left).toBe('withdrawn');
  expect(kept?.visits.find((it) => it.visit === 'm12')?.flow).toEqual({ patient: 'left', therapist: 'left' });
});

test('a therapist who never answers has no row, and each visit says that nothing came', async () => {
  const { patients } = await read();
  const { patient, rows } = patients.find((it) => it.patient.patient === SILENT_THERAPIST) ?? {};
  expect(rows?.length).toBeGreaterThan(0);
  expect(rows?.filter((it) => it.rater === 'therapist')).toEqual([]);
  expect(patient?.visits.map((it) => it.flow.therapist)).toEqual(['not-asked', 'not-asked', 'not-asked']);
});

/** Passes requests on to the server behind it, but for those that it breaks off or refuses. */
async function between(fate: (what: string) => 'pass' | 'break' | 'refuse') {
  const behind = new URL(embedded.baseUrl);
  const proxy = createServer(async (asked, answer) => {
    const body = Buffer.concat(await asked.toArray());
    const { url: path = '', method, headers } = asked;
    const what = fate(`${path} ${body.toString()}`);
    if (what === 'break') asked.socket.destroy();
    else if (what === 'refuse') answer.writeHead(403).end();
    else
      request({ host: behind.hostname, port: behind.port, path, method, headers }, (got) =>
        got.pipe(answer.writeHead(got.statusCode ?? 500, got.headers)),
      ).end(body);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}${behind.pathname}`.replace(/\/$/, '');
  return { proxy, through: connectFhir({ baseUrl, auth: { kind: 'none' }, retry: { attempts: 1 } }) };
}

test('a server that stops in the middle ends the reading with a failure, never with half a cohort', async () => {
  let left = 7;
  const { proxy, through } = await between(() => {
    left -= 1;
    return left < 0 ? 'break' : 'pass';
  });
  await expect(read(through)).rejects.toMatchObject({ name: 'FhirError', kind: 'unreachable' });
  proxy.close();
});

test('the site is that of the programme’s episode, whatever other clinics the patient is in', async () => {
  const type = { coding: [{ system: 'urn:clinic', code: 'cardiology' }] };
  const siteOf = async () => {
    const found: InCohort[] = [];
    const context = await contextFor(server.baseUrl);
    const settings = { ...context.settings, episodeType: episodeType };
    const reading = readCohort(server, { ...context, settings }, READ);
    for await (const it of reading.patients) found.push(it);
    return found.find((it) => it.patient.patient === RATED_TWICE)?.patient.site;
  };
  const before = await siteOf();
  await server.write({
    method: 'PUT',
    resource: {
      resourceType: 'EpisodeOfCare',
      id: 'cardiology',
      status: 'active',
      type: [type],
      patient: { reference: RATED_TWICE },
      managingOrganization: { reference: 'Organization/aaa-cardiology' },
      period: { start: '2015-01-01' },
    },
  });
  expect([before === undefined, await siteOf()]).toEqual([false, before]);
});

test('an export that leaves out a type which the server holds is not whole, and is not used', async () => {
  const spool = { put: () => undefined, of: () => [] };
  const participants = new Set(ofType('Patient').map((it) => `Patient/${it.id}`));
  // What the cohort sent, and none of the scores that were computed since.
  const giving = () => ({
    exported: async function* () {
      yield* sent;
    },
  });
  await expect(spoolExport(giving(), 'Patient', { participants, server, spool })).rejects.toThrow(
    'The export holds no Observation, and the server does',
  );
});

const shownTo = (person: string, observation: string, recorded: string): AuditEvent => ({
  resourceType: 'AuditEvent',
  type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
  recorded,
  outcome: '0',
  agent: [{ who: { reference: person }, requestor: true }],
  source: { observer: { display: 'test' } },
  entity: [{ what: { reference: observation } }],
});

test('a therapist’s rating counts as exposed from when the patient’s was shown to that therapist on', async () => {
  const before = await read();
  expect([before.tally.exposures, before.rows.filter((it) => it.exposed)]).toEqual(['read', []]);
  const therapist = before.rows.find((it) => it.patient === RATED_TWICE && it.rater === 'therapist')?.therapist ?? '';
  const search = {
    type: 'Observation',
    params: [
      ['subject', RATED_TWICE],
      ['_count', '500'],
    ],
  } as const;
  const [page] = await server.searchAll([search]);
  const shown = page?.resources.find(
    (it) => it.resourceType === 'Observation' && it.code.coding?.some((one) => one.code === 'wai-s-p'),
  );
  const recorded = new Date((dayOf(inclusionOf(RATED_TWICE)) + 130) * DAY).toISOString();
  // An EHR may name the person by one of the roles.
  await server.write({
    method: 'PUT',
    resource: { resourceType: 'PractitionerRole', id: 'shown-role', practitioner: { reference: therapist } },
  });
  for (const person of ['PractitionerRole/shown-role', 'Practitioner/somebody-else'])
    await server.write({ method: 'POST', resource: shownTo(person, `Observation/${shown?.id}`, recorded) });
  const exposed = (await read()).rows.filter((it) => it.exposed);
  expect(exposed.map((it) => [it.patient, it.rater, it.visit]).sort()).toEqual([
    [RATED_TWICE, 'therapist', 'm12'],
    [RATED_TWICE, 'therapist', 'm6'],
  ]);
});

test('where nobody may search AuditEvents the cohort is read all the same, and says that exposures were not', async () => {
  const { proxy, through } = await between((what) => (what.includes('AuditEvent') ? 'refuse' : 'pass'));
  const { tally, rows } = await read(through);
  expect([tally.exposures, rows.some((it) => it.exposed), rows.length > 40]).toEqual(['not-read', false, true]);
  proxy.close();
});

test('a participant who is written while the cohort is read is told of, and a quiet server says that nothing changed', async () => {
  expect((await read()).tally.changed).toBe(false);
  const reading = readCohort(server, await contextFor(server.baseUrl), {
    visits: ['m3'],
    code: (_, reference) => reference,
    site: 'Organization/none',
    nowMs: Date.parse('2026-11-23T12:00:00Z'),
  });
  let written = false;
  for await (const { patient } of reading.patients) {
    if (written) continue;
    const [subject] = ofType('ResearchSubject').filter((it) => it.individual.reference === patient.patient);
    if (subject === undefined) throw new Error('nobody takes part');
    await server.write({
      method: 'PUT',
      resource: { ...subject, extension: [{ url: 'urn:test', valueBoolean: true }] },
    });
    written = true;
  }
  expect([written, reading.tally.changed]).toEqual([true, true]);
});

test('a rating that is amended after an export changes its own row in the next one, and no other', async () => {
  const before = await read();
  const [rated] = ofType('QuestionnaireResponse').filter(
    (it) =>
      (it.questionnaire ?? '').includes('/wai-s-p|') &&
      before.rows.some((row) => row.patient === it.subject?.reference && row.rater === 'patient' && row.visit === 'm3'),
  );
  if (rated === undefined) throw new Error('nobody rated');
  const item = (rated.item ?? []).map((it) =>
    it.linkId === 'wai-1' || it.linkId === 'wai-2'
      ? {
          ...it,
          answer: [{ valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/wai-s-frequency', code: '1' } }],
        }
      : it,
  );
  await server.write({ method: 'PUT', resource: { ...rated, status: 'amended', item } });
  await computed();
  const after = await read();
  const changed = after.rows.filter((row, i) => JSON.stringify(row) !== JSON.stringify(before.rows[i]));
  expect(after.rows).toHaveLength(before.rows.length);
  expect(changed.map((it) => [it.patient, it.rater])).toEqual([[rated.subject?.reference, 'patient']]);
});

test('arms come from Groups or from a list where no ResearchSubject tells them, and two that differ leave the patient out', async () => {
  const [first, second] = (await read()).patients.map((it) => it.patient);
  if (first === undefined || second === undefined) throw new Error('nobody is in');
  const subject = ofType('ResearchSubject').find((it) => it.individual.reference === first.patient);
  const { assignedArm: _none, ...armless } = subject ?? ({} as ResearchSubject);
  await server.write({ method: 'PUT', resource: armless });
  const other = second.arm === 'digital' ? 'usual' : 'digital';
  const member = [first.patient, second.patient].map((reference) => ({ entity: { reference } }));
  const group = { resourceType: 'Group', id: 'cohort-arm', type: 'person', actual: true, member } as const;
  await server.write({ method: 'PUT', resource: group });
  expect((await read()).patients.find((it) => it.patient.patient === first.patient)?.patient.arm).toBeUndefined();
  const byGroup = await armsOfGroups(server, [{ arm: other, group: 'Group/cohort-arm' }]);
  const lines = [first, second].map(({ patient }) => ({ patient, arm: other }));
  for (const given of [byGroup, armsOfList(lines, 'abc')]) {
    const { patients, tally } = await read(server, given);
    const armOf = (one: string) => patients.filter((it) => it.patient.patient === one).map((it) => it.patient.arm);
    expect([armOf(first.patient), armOf(second.patient), tally.leftOut.get('several-arms')]).toEqual([[other], [], 2]);
    expect(tally.queries).toContain(given.source);
  }
  await expect(armsOfGroups(server, [{ arm: 'a', group: 'Group/nobody' }])).rejects.toMatchObject({
    kind: 'not-found',
  });
  await server.write({ method: 'PUT', resource: subject ?? armless });
});

test('who ends treatment stays in, in the arm that was assigned, with every rating that came', async () => {
  const before = await read();
  const subject = ofType('ResearchSubject').find(
    (it) => it.status !== 'withdrawn' && before.patients.some((one) => one.patient.patient === it.individual.reference),
  );
  if (subject === undefined) throw new Error('nobody takes part');
  const patient = subject.individual.reference;
  const episodes = ofType('EpisodeOfCare').filter((it) => it.patient.reference === patient);
  expect(episodes.length).toBeGreaterThan(0);
  for (const it of episodes) await server.write({ method: 'PUT', resource: { ...it, status: 'cancelled' } });
  const start = subject.period?.start ?? '';
  const offStudy = { ...subject, status: 'off-study' as const, period: { start, end: monthsAfter(start, 5) } };
  await server.write({ method: 'PUT', resource: offStudy });
  const after = await read();
  const of = ({ patients }: typeof before) => patients.find((it) => it.patient.patient === patient);
  expect(of(after)?.patient).toMatchObject({ arm: subject.assignedArm, left: 'off-study' });
  expect(of(after)?.rows).toEqual(of(before)?.rows);
  expect(after.tally.leftOut).toEqual(before.tally.leftOut);
  // A year and three months are after the window of the last visit: that patient completed the study.
  const completed = { ...offStudy, period: { start, end: monthsAfter(start, 15) } };
  await server.write({ method: 'PUT', resource: completed });
  expect(of(await read())?.patient.left).toBeUndefined();
});

/** `Type?names of its parameters` of each search in a request or a batch. */
function searchesIn(what: string): string[] {
  const [path = '', ...rest] = what.split(' ');
  const batch = rest.join(' ').trim();
  const urls = batch.startsWith('{')
    ? (JSON.parse(batch) as Bundle).entry?.map((it) => it.request?.url ?? '')
    : [path.replace(/^\/[^/?]*\//, '')];
  return (urls ?? []).filter((it) => it.includes('?') && !it.includes('_cursor')).map(kindOf);
}
function kindOf(url: string): string {
  const [type = '', query = ''] = url.split('?');
  return `${type}?${[...new Set(new URLSearchParams(query).keys())].join('&')}`;
}

test('the manifest names every kind of query that was sent, and nobody by an id', async () => {
  const sentKinds = new Set<string>();
  const { proxy, through } = await between((what) => {
    for (const it of searchesIn(what)) sentKinds.add(it);
    return 'pass';
  });
  const { tally } = await read(through);
  proxy.close();
  expect(sentKinds.size).toBeGreaterThan(20);
  expect([...sentKinds].filter((it) => !tally.queries.map(kindOf).includes(it))).toEqual([]);
  expect(tally.queries.join(' ')).not.toMatch(/cohort-patient|cohort-(?!study)|Practitioner\/|Observation\//);
});

/** An instant after everything that was written so far. */
function instantNow(): string {
  const before = Date.now();
  while (Date.now() <= before);
  return new Date().toISOString();
}
const about = (patient: string): FhirResource[] => {
  const subject = { reference: patient };
  const [, id = ''] = patient.split('/');
  const own = ofType('Patient').find((it) => it.id === id) ?? { resourceType: 'Patient' as const, id };
  return [
    { ...own, deceasedBoolean: true },
    researchConsent(patient, 'permit'),
    { resourceType: 'Communication', id: 'late', status: 'completed', subject },
    {
      resourceType: 'Encounter',
      id: 'late',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
    },
    { resourceType: 'Task', id: 'late', status: 'requested', intent: 'order', for: subject },
    { resourceType: 'CareTeam', id: 'late', subject },
    { resourceType: 'QuestionnaireResponse', id: 'late', status: 'in-progress', subject },
  ];
};

test('whatever was read of a participant and is written meanwhile is a change, and what is a stranger’s is none', async () => {
  const watched = {
    members: participants(study),
    participants: new Set([RATED_TWICE]),
    roles: new Set<string>(),
  };
  for (const [patient, expected] of [
    [RATED_TWICE, true],
    ['Patient/somebody-else', false],
  ] as const)
    for (const resource of about(patient)) {
      const since = instantNow();
      await server.write({ method: 'PUT', resource });
      const { changed, deletions } = await changesSince(server, since, watched);
      // This server keeps no history of all that it holds.
      expect([patient, resource.resourceType, changed, deletions]).toEqual([
        patient,
        resource.resourceType,
        expected,
        'not-read',
      ]);
    }
});

test.each([
  ['http://hospital.example/fhir/Consent/7/_history/2', true],
  ['Consent/7', true],
  ['Binary/7', false],
])('a deletion of %s is told by the history of a server that keeps one', async (url, changed) => {
  const history: Bundle = {
    resourceType: 'Bundle',
    type: 'history',
    entry: [{ fullUrl: url, request: { method: 'DELETE', url } }],
  };
  const asked: string[] = [];
  const keeping: FhirServer = {
    ...server,
    baseUrl: server.baseUrl,
    traffic: server.traffic,
    search: (search) => server.search(search),
    request: async (_, path) => {
      asked.push(path);
      return history;
    },
  };
  const nobody = {
    members: participants('ResearchStudy/none'),
    participants: new Set<string>(),
    roles: new Set<string>(),
  };
  const since = instantNow();
  expect(await changesSince(keeping, since, nobody)).toEqual({ changed, deletions: 'read' });
  expect(asked).toEqual([`_history?_since=${encodeURIComponent(since)}&_count=500`]);
});

test('a denial that arrives while the cohort is read is told of', async () => {
  const reading = readCohort(server, await contextFor(server.baseUrl), {
    visits: ['m3'],
    code: (_, reference) => reference,
    site: 'Organization/none',
    nowMs: Date.parse('2026-11-23T12:00:00Z'),
  });
  let written = false;
  for await (const { patient } of reading.patients) {
    if (!written) await server.write({ method: 'PUT', resource: researchConsent(patient.patient, 'deny') });
    written = true;
  }
  expect([written, reading.tally.changed, reading.tally.deletions]).toEqual([true, true, 'not-read']);
});
