import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { AuditEvent, Consent, ResearchStudy } from 'fhir/r4.js';
import { analyseApart } from '../../src/cli/report/analyse-apart.ts';
import { displayOf } from '../../src/content/display.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { reportNow } from '../../src/pipeline/cohort/report-now.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { content } from '../http/rig.ts';
import { openWard, type Person, type Ward } from './rig.ts';

jest.setTimeout(180_000);
let embedded: Embedded;
let ward: Ward;
let researcher: Person;
let study: ResearchStudy;
/** Whether the hospital has named a study, or goes by episodes of care. */
let hasStudy = true;

beforeAll(async () => {
  embedded = await startEmbedded();
  const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 11, patients: 24, idPrefix: 'page' });
  for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
  const found = await server.read('ResearchStudy', cohort.study.replace('ResearchStudy/', ''));
  if (found === undefined) throw new Error('no study');
  study = found;
  const shipped = await content();
  const { baseUrl } = embedded;
  const context = {
    content: shipped,
    display: displayOf(shipped.resources),
    settings: { study: `ResearchStudy/${found.id}`, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
  };
  const withoutStudy = { ...context.settings, study: undefined, episodeType: cohort.episodeType };
  const ports = { server, context, content: shipped, analyse: analyseApart, software: '0.0.0-test', site: undefined };
  ward = await openWard(baseUrl, baseUrl, {
    cohortReport: (asked) =>
      reportNow(hasStudy ? ports : { ...ports, context: { ...context, settings: withoutStudy } }, asked),
  });
  await computeAlliance({ ...ward.vincle.ports, context }, { ...ward.vincle.now, overlapMs: 0, all: true });
  await ward.put(
    { resourceType: 'Practitioner', id: 'r1', name: [{ text: 'Rosa Recerca' }] },
    { resourceType: 'Practitioner', id: 't1' },
  );
  researcher = await ward.person('Practitioner/r1', { roles: ['researcher'], name: 'Rosa Recerca' });
});
afterAll(async () => {
  await ward.stop();
  await embedded.stop();
});

const ASKED = { purpose: 'the paper', approval: 'CEIm 26/123', language: 'en' };
const exportsSoFar = async (): Promise<AuditEvent[]> => {
  const found: AuditEvent[] = [];
  for await (const { resources } of ward.direct.search({ type: 'AuditEvent', params: [['_count', '500']] }))
    found.push(...resources.filter((it) => it.type.code === '110106'));
  return found;
};

test.each([
  ['a therapist', ['psycho-oncologist']],
  ['a therapist who is a researcher too', ['psycho-oncologist', 'researcher']],
  ['a coordinator', ['coordinator']],
  ['the keeper of the pseudonyms', ['pseudonymiser']],
])('the report is not for %s, and nothing is read for them', async (_, roles) => {
  const before = await exportsSoFar();
  const person = await ward.person('Practitioner/t1', { roles });
  const told = await person.ask('POST', '/api/cohort-report', ASKED);
  expect([told.status, JSON.stringify(told.json).includes('report')]).toEqual([403, false]);
  expect(await exportsSoFar()).toHaveLength(before.length);
});

test('without a purpose and an approval number there is no report', async () => {
  for (const missing of [{ purpose: '' }, { approval: ' ' }])
    expect(await researcher.ask('POST', '/api/cohort-report', { ...ASKED, ...missing })).toMatchObject({
      status: 422,
      reason: 'purpose-missing',
    });
  expect(await exportsSoFar()).toEqual([]);
});

test('while the study runs a researcher sees recruitment and completeness, and no arm and no rating', async () => {
  const { status, json } = await researcher.ask('POST', '/api/cohort-report', ASKED);
  expect([status, json.masked]).toEqual([200, true]);
  expect(json.body).toContain('This study is blind');
  const shown = `${json.body} ${json.page}`.replaceAll(study.title ?? '', '');
  expect(shown).not.toMatch(/digital care|usual care|ICC\(|Bland|page-(?!study)/i);
});

test('after the study a researcher sees the answer, and the record names who, what for and the approval', async () => {
  await ward.put({ ...study, status: 'completed' });
  const { status, json } = await researcher.ask('POST', '/api/cohort-report', { ...ASKED, language: 'ca' });
  expect([status, json.masked]).toEqual([200, false]);
  expect(json.body).toContain('Coincideixen pacient i terapeuta?');
  expect(json.body).toContain('Atenció digital');
  expect(json.page).toMatch(/^<!doctype html>/);
  expect(json.body).not.toMatch(/<script|style="|page-(?!study)|Practitioner\//);
  const last = JSON.stringify((await exportsSoFar()).at(-1));
  for (const word of ['Practitioner/r1', 'Rosa Recerca', 'the paper', 'CEIm 26/123', 'HRESCH', 'study-finished'])
    expect(last).toContain(word);
});

test('a cohort with a study is not declared no trial in the app, and nothing is read for it', async () => {
  const before = await exportsSoFar();
  expect(await researcher.ask('POST', '/api/cohort-report', { ...ASKED, notATrial: true })).toMatchObject({
    status: 422,
    reason: 'is-a-trial',
  });
  expect(await exportsSoFar()).toHaveLength(before.length);
});

const agrees = (patient: string): Consent => ({
  resourceType: 'Consent',
  id: `agrees-${patient.replace('Patient/', '')}`,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/consent-purpose', code: 'research' }] }],
  patient: { reference: patient },
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  provision: { type: 'permit' },
});

test('a researcher declares a cohort without a study no trial, on record; where two arms are told it stays masked', async () => {
  hasStudy = false;
  const inArm = new Map<string, Set<string>>();
  for await (const { resources } of ward.direct.search({ type: 'ResearchSubject', params: [['_count', '500']] }))
    for (const { assignedArm = '', individual } of resources)
      inArm.set(assignedArm, new Set([...(inArm.get(assignedArm) ?? []), individual.reference ?? '']));
  await ward.put(...[...(inArm.get('digital') ?? [])].map(agrees));
  const ask = (more: object) => researcher.ask('POST', '/api/cohort-report', { ...ASKED, ...more });
  expect((await ask({})).json).toMatchObject({ masked: true, declarable: true });
  expect((await ask({ notATrial: true })).json).toMatchObject({ masked: false, declarable: false });
  const last = JSON.stringify((await exportsSoFar()).at(-1));
  for (const word of ['Practitioner/r1', 'the paper', 'CEIm 26/123', 'not-a-trial']) expect(last).toContain(word);
  await ward.put(...[...(inArm.get('usual') ?? [])].map(agrees));
  expect(await ask({ notATrial: true })).toMatchObject({ status: 422, reason: 'is-a-trial' });
  hasStudy = true;
});
