import type { Consent } from 'fhir/r4.js';
import { CONSENT_PURPOSE } from '../../domain/consent.ts';
import { addMonths } from '../../domain/visit.ts';
import { addDays } from './calendar.ts';
import { identifierOf, SYNTHETIC } from './marks.ts';
import { type Cohort, idOf } from './options.ts';
import type { Participant } from './participant.ts';
import { organizationReference } from './people.ts';

type Purpose = 'digital-follow-up' | 'contact' | 'alliance-release';

function consent(
  cohort: Cohort,
  who: Participant,
  purpose: Purpose,
  type: 'permit' | 'deny',
  dateTime: string,
): Consent {
  const id = idOf(cohort, 'consent', who.number, purpose);
  return {
    resourceType: 'Consent',
    id,
    meta: SYNTHETIC,
    identifier: [identifierOf(id)],
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: CONSENT_PURPOSE, code: purpose }] }],
    patient: { reference: who.reference },
    dateTime,
    organization: [{ reference: organizationReference(cohort) }],
    policyRule: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: type === 'permit' ? 'OPTIN' : 'OPTOUT' },
      ],
    },
    provision: { type },
  };
}

/** What the patient agreed to and refused: most to be written to, a few to release, very few to nothing digital. */
export function consentsOf(cohort: Cohort, who: Participant): { first: Consent[]; second: Consent[] } {
  const first: Consent[] = [];
  const second: Consent[] = [];
  if (who.index % 5 !== 0) first.push(consent(cohort, who, 'contact', 'permit', who.inclusion));
  if (who.faults.includes('release-permitted'))
    first.push(consent(cohort, who, 'alliance-release', 'permit', who.inclusion));
  if (who.faults.includes('consent-denied'))
    first.push(consent(cohort, who, 'digital-follow-up', 'deny', addDays(addMonths(who.inclusion, 4), 20)));
  if (who.faults.includes('consent-denied-later'))
    second.push(consent(cohort, who, 'digital-follow-up', 'deny', addMonths(who.inclusion, 2)));
  return { first, second };
}
