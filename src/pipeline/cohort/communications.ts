import type { Communication, Encounter } from 'fhir/r4.js';
import { COMMUNICATION_KINDS, type CommunicationAmount, type CommunicationKind } from '../../analysis/cohort-data.ts';
import type { PractitionerOfRole } from '../../domain/care.ts';
import { readAuthored } from '../../domain/instant.ts';
import { literal, typeOf } from '../../domain/reference.ts';

/** Kind of contact by the code of its medium (contract, Communication). */
export const MEDIUM: Readonly<Record<string, CommunicationKind>> = {
  ONLINEWRIT: 'message',
  WRITTEN: 'message',
  EMAILWRIT: 'message',
  PHONE: 'call',
  VIDEOCONF: 'video',
  FACE: 'in-person',
};
/** The same by the class of an Encounter. */
export const CLASS: Readonly<Record<string, CommunicationKind>> = { VR: 'video', AMB: 'in-person', HH: 'in-person' };

/** One contact between a patient and a person who treats. */
export interface PersonalContact {
  readonly kind: CommunicationKind;
  /** `Practitioner/…` */
  readonly therapist: string;
  readonly epochMs: number;
}

/** How references and local times are read. */
export interface ContactReading {
  readonly roles: PractitionerOfRole;
  readonly zone: string;
  readonly baseUrl: string;
}

/** The person behind a reference to a Practitioner or to a role. */
function personOf(reference: string | undefined, { roles }: ContactReading): string | undefined {
  if (reference === undefined) return undefined;
  if (typeOf(reference) === 'PractitionerRole') return roles.get(reference);
  return typeOf(reference) === 'Practitioner' ? reference : undefined;
}

/** A completed Communication from the patient to a therapist or back; what a Device sends, and a Communication among staff, is none. */
export function ofCommunication(it: Communication, reading: ContactReading): PersonalContact | undefined {
  if (it.status !== 'completed') return undefined;
  const kind = (it.medium ?? []).flatMap((one) => one.coding ?? []).flatMap((one) => MEDIUM[one.code ?? ''] ?? [])[0];
  const epochMs = readAuthored(it.sent ?? it.received, reading.zone)?.epochMs;
  const ends = [it.sender, ...(it.recipient ?? [])].flatMap((one) => literal(one, reading.baseUrl) ?? []);
  const sender = literal(it.sender, reading.baseUrl);
  const patient = literal(it.subject, reading.baseUrl);
  const bySender = personOf(sender, reading);
  const therapist =
    sender === patient
      ? ends.flatMap((one) => personOf(one, reading) ?? [])[0]
      : ends.includes(patient ?? '')
        ? bySender
        : undefined;
  return kind === undefined || epochMs === undefined || therapist === undefined
    ? undefined
    : { kind, epochMs, therapist };
}

/** A finished Encounter of a counted class with a therapist. */
export function ofEncounter(it: Encounter, reading: ContactReading): PersonalContact | undefined {
  if (it.status !== 'finished') return undefined;
  const kind = CLASS[it.class?.code ?? ''];
  const epochMs = readAuthored(it.period?.start, reading.zone)?.epochMs;
  const therapist = (it.participant ?? []).flatMap(
    (one) => personOf(literal(one.individual, reading.baseUrl), reading) ?? [],
  )[0];
  return kind === undefined || epochMs === undefined || therapist === undefined
    ? undefined
    : { kind, epochMs, therapist };
}

/** Milliseconds since 1970; `from` included, `before` excluded. */
export interface ContactWindow {
  readonly from: number;
  readonly before: number;
}

const PER_MS = 30 * 86_400_000;

/** Contacts with one therapist in the window, by the kinds that a feed tells of; a kind that no feed tells of is unknown. */
export function amountsIn(
  contacts: readonly PersonalContact[],
  therapist: string,
  { from, before }: ContactWindow,
  fed: ReadonlySet<CommunicationKind>,
): Readonly<Record<CommunicationKind, CommunicationAmount | undefined>> | undefined {
  if (fed.size === 0) return undefined;
  const within = contacts.filter((it) => it.therapist === therapist && it.epochMs >= from && it.epochMs < before);
  const amount = (kind: CommunicationKind): CommunicationAmount | undefined => {
    if (!fed.has(kind)) return undefined;
    const count = within.filter((it) => it.kind === kind).length;
    return { count, per30Days: before > from ? (count * PER_MS) / (before - from) : undefined };
  };
  const [message, call, video, inPerson, group] = COMMUNICATION_KINDS.map(amount);
  return { message, call, video, 'in-person': inPerson, group };
}
