import type { Consent } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { readAuthored } from './instant.ts';
import type { ConsentPolicy, ConsentPurpose } from './programme.ts';

export const CONSENT_PURPOSE = codeSystem('consent-purpose');

const concerns = (consent: Consent, purpose: ConsentPurpose): boolean =>
  consent.category.some((it) => it.coding?.some((c) => c.system === CONSENT_PURPOSE && c.code === purpose));

/** The instant from which a Consent speaks; the beginning of time where it gives none. */
function since(consent: Consent, zone: string): number {
  const start = consent.provision?.period?.start ?? consent.dateTime;
  return readAuthored(start, zone)?.epochMs ?? Number.NEGATIVE_INFINITY;
}

function until(consent: Consent, zone: string): number {
  return readAuthored(consent.provision?.period?.end, zone)?.epochMs ?? Number.POSITIVE_INFINITY;
}

/**
 * Whether a purpose was consented to at an instant. A Consent that denies always wins over one that permits; what a
 * site requires and nobody gave is not given; what it does not require is given unless denied.
 */
export function consented(
  consents: readonly Consent[],
  purpose: ConsentPurpose,
  atMs: number,
  policy: ConsentPolicy,
  zone: string,
): boolean {
  const speaking = consents.filter(
    (it) => it.status === 'active' && concerns(it, purpose) && since(it, zone) <= atMs && atMs <= until(it, zone),
  );
  if (speaking.some((it) => it.provision?.type === 'deny')) return false;
  return !policy.required.includes(purpose) || speaking.some((it) => it.provision?.type !== 'deny');
}
