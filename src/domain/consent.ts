import type { CodeableConcept, Consent } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { readAuthored } from './instant.ts';
import type { ConsentPolicy, ConsentPurpose } from './programme.ts';

export const CONSENT_PURPOSE = codeSystem('consent-purpose');

const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const holds = (concept: CodeableConcept | undefined, system: string, code: string): boolean =>
  concept?.coding?.some((it) => it.system === system && it.code === code) ?? false;

const isNamed = (consent: Consent, purpose: ConsentPurpose): boolean =>
  (consent.category ?? []).some((it) => holds(it, CONSENT_PURPOSE, purpose));

/** `silent`: it is about research, and does not say whether about this. */
type Word = 'deny' | 'permit' | 'unclear' | 'silent';

/**
 * What a Consent says of a purpose. Of research a hospital’s own Consent speaks too, by its scope and whatever its
 * category: a denial is taken from anybody, by R4’s type or its policy rule; a permission only where it names the purpose.
 */
function wordOf(consent: Consent, purpose: ConsentPurpose): Word {
  const type: string | undefined = consent.provision?.type;
  const named = isNamed(consent, purpose);
  if (type === 'deny' && named) return 'deny';
  if (purpose !== 'research') return named ? 'permit' : 'silent';
  if (!named && !holds(consent.scope, SCOPE, 'research')) return 'silent';
  const rule = consent.policyRule;
  if (type === 'deny' || (type === undefined && holds(rule, ACT_CODE, 'OPTOUT'))) return 'deny';
  // What stands inside a permission takes from it, and a modifier may turn it round: neither is read here.
  if (consent.modifierExtension !== undefined || (consent.provision?.provision ?? []).length > 0) return 'unclear';
  if (named) return 'permit';
  return type === 'permit' || holds(rule, ACT_CODE, 'OPTIN') ? 'silent' : 'unclear';
}

/** The instant from which a Consent speaks; the beginning of time where it gives none. */
function since(consent: Consent, zone: string): number {
  const start = consent.provision?.period?.start ?? consent.dateTime;
  return readAuthored(start, zone)?.epochMs ?? Number.NEGATIVE_INFINITY;
}

function until(consent: Consent, zone: string): number {
  return readAuthored(consent.provision?.period?.end, zone)?.epochMs ?? Number.POSITIVE_INFINITY;
}

/** `unclear`: a Consent about research cannot be understood, and none denies it. */
export type ConsentState = 'given' | 'denied' | 'unclear' | 'not-given';

/**
 * What was consented to at an instant. A Consent that denies always wins, then one that cannot be understood; what a site
 * requires and nobody gave is not given; what it does not require is given unless denied.
 */
export function consentState(
  consents: readonly Consent[],
  purpose: ConsentPurpose,
  atMs: number,
  policy: ConsentPolicy,
  zone: string,
): ConsentState {
  const words = new Set(
    consents
      .filter((it) => it.status === 'active' && since(it, zone) <= atMs && atMs <= until(it, zone))
      .map((it) => wordOf(it, purpose)),
  );
  if (words.has('deny')) return 'denied';
  if (words.has('unclear')) return 'unclear';
  return !policy.required.includes(purpose) || words.has('permit') ? 'given' : 'not-given';
}

/** Whether a purpose was consented to at an instant. */
export const consented = (...asked: Parameters<typeof consentState>): boolean => consentState(...asked) === 'given';
