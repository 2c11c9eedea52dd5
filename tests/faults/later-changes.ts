import { describe, expect, test } from '@jest/globals';
import type { CareTeam, Consent, QuestionnaireResponse, ResearchSubject } from 'fhir/r4.js';
import { CONSENT_PURPOSE } from '../../src/domain/consent.ts';
import { recordUnderTest } from './record-under-test.ts';

/** What is corrected, withdrawn, moved or denied after it counted: everything that follows from it changes too. */
export function laterChanges(name: string, baseUrlOf: () => string): void {
  describe(`later changes, ${name}`, () => {
    const record = recordUnderTest('late', name, baseUrlOf);
    const { put, run, good, named, score, pair, reviews, issues, visitOf, settled } = record;

    test('a therapist of nobody is refused, and scored once the care team names him', async () => {
      const therapist = named('m3-therapist');
      const team = record.it.programme.find((r): r is CareTeam => r.resourceType === 'CareTeam') as CareTeam;
      await put({ ...team, participant: [] }, therapist);
      expect((await run()).reasons['wrong-rater']).toBe(1);
      expect(issues((await reviews(therapist))[0])?.[0]).toBe('wrong-rater QuestionnaireResponse.source');
      expect(await score(therapist, 'wai-s-t')).toBeUndefined();
      await put(team);
      await run();
      expect((await score(therapist, 'wai-s-t'))?.valueQuantity?.value).toBe(48);
      expect((await reviews(therapist))[0]?.status).toBe('cancelled');
      await settled();
    });

    test('a corrected inclusion moves the visits without any new response', async () => {
      await put(...record.it.responses);
      await run();
      expect(visitOf(await score())).toBe('m3');
      const subject = record.it.programme.find((r): r is ResearchSubject => r.resourceType === 'ResearchSubject');
      await put({ ...(subject as ResearchSubject), period: { start: '2024-10-10' } });
      await run();
      expect(visitOf(await score())).toBe('m6');
      expect((await pair('wai-s-dyad', 'm3'))?.status).toBe('entered-in-error');
      expect((await pair('wai-s-dyad', 'm6'))?.valueQuantity?.value).toBe(36);
      await settled();
    });

    test('a withdrawn response takes its score along, and the dyad waits for its partner again', async () => {
      await put(...record.it.responses);
      await run();
      await put({ ...good(), status: 'entered-in-error' });
      await run();
      expect((await score())?.status).toBe('entered-in-error');
      const dyad = await pair('wai-s-dyad', 'm3');
      expect([dyad?.status, dyad?.valueQuantity]).toEqual(['preliminary', undefined]);
      expect((await pair('wai-s-p-change', 'm6'))?.status).toBe('entered-in-error');
      await settled();
    });

    test('a response moved to a patient outside the programme leaves no score and no dyad behind', async () => {
      await put(good());
      await run();
      const other = { reference: `${record.it.patient}-other` };
      await put({ ...good(), subject: other, source: other });
      await run();
      expect([(await score())?.status, (await pair('wai-s-dyad', 'm3'))?.status]).toEqual([
        'entered-in-error',
        'entered-in-error',
      ]);
      await settled();
    });

    test('a copy under the same identifier is counted as a duplicate and scored once', async () => {
      await put(good(), { ...good(), id: `${good().id}-copy` });
      const { scored, duplicates } = await run();
      expect([scored, duplicates]).toEqual([1, 1]);
      expect((await score())?.valueQuantity?.value).toBe(84);
      await settled();
    });

    test('one identifier on two patients is refused, and scored once the other response is withdrawn', async () => {
      const other = { reference: `${record.it.patient}-other` };
      const stranger: QuestionnaireResponse = { ...good(), id: `${good().id}-copy`, subject: other, source: other };
      await put(good(), stranger);
      expect((await run()).reasons['identifier-of-two-patients']).toBeGreaterThan(0);
      expect(await score()).toBeUndefined();
      await put({ ...stranger, status: 'entered-in-error' });
      await run();
      expect((await score())?.valueQuantity?.value).toBe(84);
      await settled();
    });

    test('a denial of digital follow-up that comes later takes along what was rated after it, and what came before stays', async () => {
      await put(...record.it.responses);
      await run();
      const denial: Consent = {
        resourceType: 'Consent',
        id: `${record.it.patient.slice('Patient/'.length)}-denial`,
        status: 'active',
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
        category: [{ coding: [{ system: CONSENT_PURPOSE, code: 'digital-follow-up' }] }],
        patient: { reference: record.it.patient },
        dateTime: '2025-06-01',
        policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
        provision: { type: 'deny' },
      };
      await put(denial);
      await run();
      const late = record.named('m6-patient');
      expect([(await score())?.status, (await score(late))?.status]).toEqual(['final', 'entered-in-error']);
      expect((await pair('wai-s-p-change', 'm6'))?.status).toBe('entered-in-error');
      await settled();
      await put({ ...denial, status: 'inactive' });
      await run();
      expect((await score(late))?.valueQuantity?.value).toBe(70);
      await settled();
    });

    test('a response moved to another patient of the programme takes its score along', async () => {
      const subject = record.it.programme.find((r): r is ResearchSubject => r.resourceType === 'ResearchSubject');
      const other = { reference: `${record.it.patient}-other` };
      const team = record.it.programme.find((r): r is CareTeam => r.resourceType === 'CareTeam') as CareTeam;
      await put(
        { ...(subject as ResearchSubject), id: `${subject?.id}-other`, individual: other },
        { ...team, id: `${team.id}-other`, subject: other },
        good(),
      );
      await run();
      await put({ ...good(), subject: other, source: other });
      await run();
      const moved = await score();
      expect([moved?.status, moved?.subject?.reference, moved?.valueQuantity?.value]).toEqual([
        'final',
        other.reference,
        84,
      ]);
      expect((await pair('wai-s-dyad', 'm3'))?.status).toBe('entered-in-error');
      await settled();
    });
  });
}
