import { expect, test } from '@jest/globals';
import type { Bundle, FhirResource, QuestionnaireResponse } from 'fhir/r4.js';
import { FAULTS } from '../../../src/embedded/cohort/faults.ts';
import { bundlesOf, generateCohort, streamCohort } from '../../../src/embedded/cohort/generate-cohort.ts';

const TAG = 'https://w3id.org/vincle/CodeSystem/tag';
const HL7_TAG = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const IDENTIFIER = 'https://w3id.org/vincle/identifier/synthetic';

const resourcesIn = (bundles: Iterable<Bundle<FhirResource>>): FhirResource[] =>
  [...bundles].flatMap((bundle) => (bundle.entry ?? []).flatMap((it) => it.resource ?? []));

const responsesIn = (resources: readonly FhirResource[]): QuestionnaireResponse[] =>
  resources.filter((it) => it.resourceType === 'QuestionnaireResponse');

const nameOf = (it: FhirResource): string => `${it.resourceType}/${it.id}`;

/** Every relative `Type/id` in a resource; canonicals are no references. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'reference' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}

test('the same seed gives the same cohort to the byte, another seed another', () => {
  const [once, twice, other] = [7, 7, 8].map((seed) => JSON.stringify(generateCohort({ seed, patients: 13 })));
  expect(twice).toBe(once);
  expect(other).not.toBe(once);
});

test('who a patient is does not depend on how many others there are', () => {
  const birthDates = (patients: number) =>
    resourcesIn(bundlesOf({ seed: 3, patients, faults: false }, 'first')).flatMap((it) =>
      it.resourceType === 'Patient' ? (it.birthDate ?? []) : [],
    );
  expect(birthDates(40).slice(0, 20)).toEqual(birthDates(20).slice(0, 20));
});

test.each([12, 17, 24, 61, 100])('everything that goes wrong in life is there with %i patients', (patients) => {
  const { faults, first, second } = generateCohort({ seed: 5, patients });
  const ids = new Set(responsesIn(resourcesIn([...first, ...second])).map((it) => it.id));
  expect(FAULTS.filter((fault) => !faults.some((it) => it.fault === fault))).toEqual([]);
  expect(faults.filter((it) => !ids.has(it.responseId))).toEqual([]);
});

test('every resource is marked synthetic twice, named so and identified so', () => {
  const { first, second } = generateCohort({ seed: 7, patients: 24 });
  for (const resource of resourcesIn([...first, ...second])) {
    const tags = resource.meta?.tag?.map((it) => `${it.system}#${it.code}`);
    expect(tags).toEqual([`${TAG}#synthetic`, `${HL7_TAG}#HTEST`]);
    if (resource.resourceType === 'Patient' || resource.resourceType === 'Practitioner')
      expect(resource.name?.[0]?.text).toMatch(/^Synthetic (Patient \d{4}|Therapist \d\d)$/);
    if ('identifier' in resource)
      expect([resource.identifier].flat().map((it) => (typeof it === 'object' ? it.system : it))).toEqual([IDENTIFIER]);
  }
});

test('transactions hold at most a hundred PUTs, and refer only to what is in them or came before', () => {
  const { first, second } = generateCohort({ seed: 11, patients: 70 });
  const held = new Set<string>();
  for (const bundle of [...first, ...second]) {
    const entries = bundle.entry ?? [];
    expect(entries.length).toBeLessThanOrEqual(100);
    const names = entries.map((it) => (it.resource === undefined ? '' : nameOf(it.resource)));
    // A transaction may name one resource once only.
    expect(new Set(names).size).toBe(names.length);
    expect(entries.map((it) => `${it.request?.method} ${it.request?.url}`)).toEqual(names.map((it) => `PUT ${it}`));
    for (const name of names) held.add(name);
    expect(entries.flatMap((it) => referencesIn(it.resource)).filter((it) => !held.has(it))).toEqual([]);
  }
});

test('ids carry the prefix, are never digits alone and fit what FHIR allows', () => {
  const options = { seed: 1, patients: 24, idPrefix: 'abcdefghijklmnopqrst' };
  const { first, second, study } = generateCohort(options);
  expect(study).toBe('ResearchStudy/abcdefghijklmnopqrst-study');
  for (const { id } of resourcesIn([...first, ...second])) {
    expect(id).toMatch(/^abcdefghijklmnopqrst-[A-Za-z0-9-]+$/);
    expect(id?.length).toBeLessThanOrEqual(64);
  }
});

test.each([1, 32, 1000, 2001])('a cohort of exactly %i responses has so many, none wrong, nothing later', async (n) => {
  let count = 0;
  for await (const bundle of streamCohort({ seed: 2, patients: 0, responses: n }))
    count += responsesIn(resourcesIn([bundle])).filter((it) => it.status === 'completed').length;
  expect(count).toBe(n);
  expect([...bundlesOf({ seed: 2, patients: 0, responses: n }, 'second')]).toEqual([]);
});

/** WAI-S total by hand: items 4 and 10 count 8 minus the answer (Tracey & Kokotovic 1989). */
function allianceTotal(response: QuestionnaireResponse): number | undefined {
  const items = (response.item ?? []).filter((it) => it.linkId.startsWith('wai-'));
  if (items.length !== 12) return undefined;
  return items.reduce((total, { linkId, answer }) => {
    const raw = Number(answer?.[0]?.valueCoding?.code);
    return total + (linkId === 'wai-4' || linkId === 'wai-10' ? 8 - raw : raw);
  }, 0);
}

const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;

test('therapists rate the alliance lower than patients, and both agree within a pair more than by chance', () => {
  const responses = responsesIn(resourcesIn(bundlesOf({ seed: 4, patients: 300, faults: false }, 'first')));
  const totals = (form: string) =>
    new Map(
      responses
        .filter((it) => it.questionnaire?.includes(`/${form}|`))
        .map((it) => [it.subject?.reference ?? '', allianceTotal(it) ?? Number.NaN]),
    );
  const [byPatient, byTherapist] = [totals('wai-s-p'), totals('wai-s-t')];
  const pairs = [...byPatient].map(([patient, total]) => [total, byTherapist.get(patient) ?? Number.NaN] as const);
  const [patients, therapists] = [mean(pairs.map((it) => it[0])), mean(pairs.map((it) => it[1]))];
  expect(pairs.length).toBeGreaterThanOrEqual(300);
  expect(patients).toBeGreaterThan(64);
  expect(patients).toBeLessThan(76);
  expect(therapists).toBeGreaterThan(58);
  expect(therapists).toBeLessThan(patients - 2);
  const covariance = mean(pairs.map(([a, b]) => (a - patients) * (b - therapists)));
  const deviation = (side: 0 | 1, centre: number) => Math.sqrt(mean(pairs.map((it) => (it[side] - centre) ** 2)));
  const correlation = covariance / (deviation(0, patients) * deviation(1, therapists));
  expect(correlation).toBeGreaterThan(0.1);
  expect(correlation).toBeLessThan(0.8);
});

test('usability and satisfaction with the app are asked of the digital arm alone', () => {
  const resources = resourcesIn(bundlesOf({ seed: 4, patients: 24, faults: false }, 'first'));
  const arms = new Map(
    resources.flatMap((it) =>
      it.resourceType === 'ResearchSubject' ? [[it.individual.reference, it.assignedArm]] : [],
    ),
  );
  const ofApp = responsesIn(resources).filter((it) => /\/(sus|vas-app)\|/.test(it.questionnaire ?? ''));
  const programme = ofApp.filter((it) => arms.has(it.subject?.reference));
  expect(programme.length).toBeGreaterThan(0);
  expect(new Set(programme.map((it) => arms.get(it.subject?.reference)))).toEqual(new Set(['digital']));
});

test('chats, calls and video are there, and no form of communication has a Device or the patient herself at the other end', () => {
  const contacts = resourcesIn(bundlesOf({ seed: 9, patients: 24 }, 'first')).filter(
    (it) => it.resourceType === 'Communication',
  );
  const media = new Set(contacts.map((it) => it.medium?.[0]?.coding?.[0]?.code));
  expect(media).toEqual(new Set(['ONLINEWRIT', 'PHONE', 'VIDEOCONF']));
  for (const { sender, recipient } of contacts) {
    const ends = [sender?.reference, recipient?.[0]?.reference].map((it) => it?.split('/')[0]).sort();
    expect(ends).toEqual(['Patient', 'Practitioner']);
  }
});

test('another publisher’s form is put under its own id only where that is asked for', () => {
  const named = (otherForms: boolean) => {
    const resources = resourcesIn(bundlesOf({ seed: 1, patients: 12, otherForms }, 'first'));
    const ofMii = responsesIn(resources).filter((it) => it.questionnaire?.endsWith('mii-qst-pro-phq-9'));
    const forms = resources.filter((it) => it.resourceType === 'Questionnaire').map(nameOf);
    return { forms, named: ofMii.map((it) => it.questionnaire?.startsWith('https://')) };
  };
  expect(named(false)).toEqual({ forms: [], named: [true] });
  expect(named(true)).toEqual({ forms: ['Questionnaire/mii-qst-pro-phq-9'], named: [false] });
});

test('a cohort that cannot be made is refused', () => {
  expect(() => generateCohort({ seed: 1, patients: 1 })).toThrow(RangeError);
  expect(() => generateCohort({ seed: 1, patients: 12, idPrefix: '12' })).toThrow(RangeError);
  expect(() => generateCohort({ seed: 1, patients: 12, start: 'soon' })).toThrow(RangeError);
});
