import type { CommunicationRequest, Consent, ContactPoint, Patient, Practitioner } from 'fhir/r4.js';
import { consented } from './consent.ts';
import { covers, localDate } from './instant.ts';
import type { ConsentPolicy } from './programme.ts';
import { literal } from './reference.ts';

export type Language = 'en' | 'es' | 'ca';

/** How a person may be reached. */
export interface Contact {
  readonly email: string | undefined;
  readonly language: Language;
  /** Why they are not written to; `undefined` where they may be. */
  readonly barred: 'no-consent' | 'opted-out' | 'not-active' | undefined;
}

const LANGUAGES: ReadonlySet<string> = new Set(['en', 'es', 'ca']);
const isLanguage = (code: string): code is Language => LANGUAGES.has(code);

/** The e-mail address in force: by rank, never an old one. */
export function emailOf(telecom: readonly ContactPoint[] | undefined, date: string): string | undefined {
  return (telecom ?? [])
    .filter((it) => it.system === 'email' && it.use !== 'old' && covers(it.period, date))
    .toSorted((a, b) => (a.rank ?? 99) - (b.rank ?? 99))
    .flatMap((it) => it.value ?? [])[0];
}

/** The telephone in force that takes short messages: a mobile one first, by rank, never an old one. */
export function phoneOf(telecom: readonly ContactPoint[] | undefined, date: string): string | undefined {
  const order = (it: ContactPoint): number => (it.use === 'mobile' || it.system === 'sms' ? 0 : 1);
  return (telecom ?? [])
    .filter((it) => (it.system === 'phone' || it.system === 'sms') && it.use !== 'old' && covers(it.period, date))
    .toSorted((a, b) => order(a) - order(b) || (a.rank ?? 99) - (b.rank ?? 99))
    .flatMap((it) => it.value ?? [])[0];
}

/** The first preferred language that the programme speaks, else any, else Spanish. */
export function languageOf(person: Patient | Practitioner | undefined): Language {
  const concepts =
    person?.resourceType === 'Patient'
      ? (person.communication ?? [])
          .toSorted((a, b) => Number(b.preferred ?? false) - Number(a.preferred ?? false))
          .map((it) => it.language)
      : (person?.communication ?? []);
  const codes = concepts.flatMap((it) => it.coding ?? []).map((it) => it.code?.split('-')[0] ?? '');
  return codes.find(isLanguage) ?? 'es';
}

/** True where an order in force forbids to remind this person: a CommunicationRequest with `doNotPerform`. */
export const isForbidden = (requests: readonly CommunicationRequest[], person: string, baseUrl: string): boolean =>
  requests.some(
    (it) =>
      it.doNotPerform === true &&
      it.status === 'active' &&
      (it.recipient === undefined ? [it.subject] : it.recipient).some((who) => literal(who, baseUrl) === person),
  );

export interface Surrounding {
  readonly consents: readonly Consent[];
  readonly requests: readonly CommunicationRequest[];
  readonly policy: ConsentPolicy;
  readonly nowMs: number;
  readonly zone: string;
  readonly baseUrl: string;
}

/** A patient is written to with the consent `contact`, never against an order, never after death. */
export function contactOfPatient(patient: Patient | undefined, person: string, around: Surrounding): Contact {
  const { consents, requests, policy, nowMs, zone, baseUrl } = around;
  const gone = patient === undefined || patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
  const barred =
    gone || patient.active === false
      ? 'not-active'
      : isForbidden(requests, person, baseUrl)
        ? 'opted-out'
        : consented(consents, 'contact', nowMs, policy, zone)
          ? undefined
          : 'no-consent';
  return { email: emailOf(patient?.telecom, localDate(nowMs, zone)), language: languageOf(patient), barred };
}

/** Staff are written to as long as they work here, never against an order. */
export function contactOfPractitioner(
  practitioner: Practitioner | undefined,
  person: string,
  { requests, nowMs, zone, baseUrl }: Omit<Surrounding, 'consents' | 'policy'>,
): Contact {
  const barred =
    practitioner === undefined || practitioner.active === false
      ? 'not-active'
      : isForbidden(requests, person, baseUrl)
        ? 'opted-out'
        : undefined;
  return { email: emailOf(practitioner?.telecom, localDate(nowMs, zone)), language: languageOf(practitioner), barred };
}
