import { expect, test } from '@jest/globals';
import type { Consent } from 'fhir/r4.js';
import { consented, consentState } from '../../src/domain/consent.ts';
import type { ConsentPurpose } from '../../src/domain/programme.ts';

const AT = Date.parse('2026-06-01T12:00:00Z');
const OTHERS: readonly ConsentPurpose[] = ['digital-follow-up', 'contact', 'alliance-release'];
const LOINC = { system: 'http://loinc.org', code: '59284-0' };
const PURPOSE = 'https://w3id.org/vincle/CodeSystem/consent-purpose';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** A hospital’s own Consent about research: LOINC’s “Consent Document”, as FHIR’s examples have it. */
const own = (more: Partial<Consent>): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [LOINC] }],
  patient: { reference: 'Patient/1' },
  ...more,
});
const rule = (code: 'OPTIN' | 'OPTOUT'): Partial<Consent> => ({
  policyRule: { coding: [{ system: ACT_CODE, code }] },
});

const research = (consents: readonly Consent[], required: readonly ConsentPurpose[] = []) =>
  consentState(consents, 'research', AT, { required }, 'Europe/Madrid');

test('a hospital’s own Consent of scope research that denies is a denial, by its provision or by its policy rule', () => {
  expect(research([])).toBe('given');
  expect(research([own({ provision: { type: 'deny' } })])).toBe('denied');
  expect(research([own(rule('OPTOUT'))])).toBe('denied');
  const named = {
    ...own({ provision: { type: 'permit' } }),
    category: [{ coding: [{ system: PURPOSE, code: 'research' }] }],
  };
  expect(research([named, own({ provision: { type: 'deny' } })], ['research'])).toBe('denied');
});

test('a denial of research holds while it is in force, and no longer', () => {
  expect(research([own({ provision: { type: 'deny' }, status: 'inactive' })])).toBe('given');
  expect(research([own({ provision: { type: 'deny', period: { end: '2026-05-01' } } })])).toBe('given');
  expect(research([own({ provision: { type: 'deny' }, dateTime: '2026-07-01' })])).toBe('given');
});

test('a Consent of scope research that permits permits nothing by itself: of which research it does not say', () => {
  for (const more of [rule('OPTIN'), { provision: { type: 'permit' as const } }]) {
    expect(research([own(more)])).toBe('given');
    expect(research([own(more)], ['research'])).toBe('not-given');
  }
});

test.each<[string, Partial<Consent>]>([
  ['says neither yes nor no', {}],
  ['has exceptions', { provision: { type: 'permit', provision: [{ type: 'deny' }] } }],
  [
    'carries a modifier',
    { provision: { type: 'permit' }, modifierExtension: [{ url: 'urn:not', valueBoolean: true }] },
  ],
])('a Consent of scope research that %s is not understood, and no consent', (_, more) => {
  expect(research([own(more)])).toBe('unclear');
  expect(consented([own(more)], 'research', AT, { required: [] }, 'Europe/Madrid')).toBe(false);
  expect(research([own(more), own({ provision: { type: 'deny' } })])).toBe('denied');
});

test('what is said of research touches neither care nor contact nor release', () => {
  for (const more of [{ provision: { type: 'deny' as const } }, rule('OPTOUT'), {}])
    for (const purpose of OTHERS)
      expect([purpose, consentState([own(more)], purpose, AT, { required: [] }, 'Europe/Madrid')]).toEqual([
        purpose,
        'given',
      ]);
});

test('a Consent for care that denies care says nothing of research', () => {
  const care: Consent = {
    ...own({ provision: { type: 'deny' } }),
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: PURPOSE, code: 'digital-follow-up' }] }],
  };
  expect(research([care])).toBe('given');
  expect(consented([care], 'digital-follow-up', AT, { required: [] }, 'Europe/Madrid')).toBe(false);
});
