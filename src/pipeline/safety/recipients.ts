import type { Practitioner } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { practitioner, treating } from '../../domain/care.ts';
import { covers, localDate } from '../../domain/instant.ts';
import type { ProgrammeSettings } from '../../domain/patient-record.ts';
import type { ChainStep } from '../../domain/safety-chain.ts';
import type { Contact, SafetyContacts } from '../../domain/safety-contacts.ts';
import type { Recipient } from '../../notify/port.ts';
import type { People, SafetyRecord } from './load-people.ts';

const ROLE = codeSystem('role');

/** What decides who is told. */
export interface Calling {
  readonly chain: readonly ChainStep[];
  readonly contacts: SafetyContacts;
  readonly people: People;
  readonly settings: ProgrammeSettings;
  readonly nowMs: number;
}

/**
 * Who is told at a step, in the order in which they are tried: who holds the role in the patient’s team, then the site’s
 * own list; at the first step whoever treats the patient too. Behind them everybody of the steps after and before, and at
 * last the coordinator: a sign that reaches the wrong person is better than one that reaches nobody.
 */
export function candidates(record: SafetyRecord | undefined, step: ChainStep, calling: Calling): readonly Recipient[] {
  const at = calling.chain.findIndex((it) => it.name === step.name);
  const coordinators = calling.contacts.coordinator.map((it) => listed(it, 'coordinator'));
  const own = holders(record, step, calling);
  const of = (steps: readonly ChainStep[]) => steps.flatMap((it) => holders(record, it, calling));
  // A step beyond the chain is about a sign that nobody closes: those whom it has passed already come last.
  const all =
    at < 0
      ? [...own, ...coordinators, ...of(calling.chain.toReversed())]
      : [...own, ...of(calling.chain.slice(at + 1)), ...of(calling.chain.slice(0, at)), ...coordinators];
  return [...new Map(all.map((it) => [`${it.reference}|${it.email ?? ''}`, it])).values()];
}

function holders(record: SafetyRecord | undefined, step: ChainStep, calling: Calling): Recipient[] {
  const { contacts, people, settings, nowMs, chain } = calling;
  const date = localDate(nowMs, settings.timeZone);
  const members = (record?.careTeams ?? [])
    .filter((team) => covers(team.period, date) && team.status !== 'entered-in-error' && team.status !== 'inactive')
    .flatMap((team) => team.participant ?? [])
    .filter((it) => covers(it.period, date))
    .filter((it) => it.role?.some((r) => r.coding?.some((c) => c.code === step.role && (c.system ?? ROLE) === ROLE)))
    .flatMap((it) => practitioner(it.member, people.roles, settings.baseUrl) ?? []);
  const first = chain[0]?.name === step.name && record !== undefined;
  const caring = first ? treating(wholeRecord(record), date, people.roles, settings) : [];
  return [
    ...members.flatMap((it) => known(it, calling)),
    ...(contacts.roles[step.role] ?? []).map((it) => listed(it, step.role)),
    ...caring.flatMap((it) => known(it, calling)),
  ];
}

const wholeRecord = (it: SafetyRecord) => ({
  ...it,
  responses: [],
  consents: [],
  derived: [],
  reviews: [],
  caresForProgramme: false,
});

/** Somebody of the record; nobody where the record says that they no longer work here. */
function known(reference: string, { people, contacts }: Calling): Recipient[] {
  const person = people.practitioners.get(reference);
  if (person?.active === false) return [];
  const own = [...Object.values(contacts.roles).flat(), ...contacts.coordinator].find(
    (it) => it.reference === reference,
  );
  const email = own?.email ?? emailOf(person);
  return [{ reference, language: own?.language ?? languageOf(person), ...(email === undefined ? {} : { email }) }];
}

export const emailOf = (person: Practitioner | undefined): string | undefined =>
  person?.telecom?.find((it) => it.system === 'email' && it.use !== 'home' && it.use !== 'old')?.value;

export function languageOf(person: Practitioner | undefined): Recipient['language'] {
  const code = person?.communication?.flatMap((it) => it.coding ?? []).find((it) => it.code !== undefined)?.code ?? '';
  const [short] = code.toLowerCase().split('-');
  return short === 'ca' || short === 'en' ? short : 'es';
}

/** Somebody of the site’s own list; without a record the role is how they are named. */
export const listed = (contact: Contact, role: string): Recipient => ({
  reference: contact.reference ?? `role:${role}`,
  language: contact.language,
  ...(contact.email === undefined ? {} : { email: contact.email }),
});
