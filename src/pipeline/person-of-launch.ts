import type { HumanName, Patient, Practitioner, PractitionerRole } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import { covers, localDate } from '../domain/instant.ts';
import { byIds } from '../domain/queries.ts';
import { idOf, literal, typeOf } from '../domain/reference.ts';
import { practitionerRolesOf } from '../domain/step-queries.ts';
import type { FhirServer } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';

/** Who somebody is that opened Vincle, as the hospital’s record says today. */
export interface PersonOfLaunch {
  /** `Practitioner/…`; absent of a patient. */
  readonly practitioner?: string;
  readonly name?: string;
  readonly language?: string;
  /** Codes of `CodeSystem/role`. */
  readonly roles: readonly string[];
}

const ROLE = codeSystem('role');

/**
 * The person behind a `fhirUser`; `undefined` for somebody whom the record does not know or who no longer works here.
 * @throws FhirError where the server is not reached
 */
export async function personOfLaunch(
  server: FhirServer,
  user: string,
  nowMs: number,
  zone: string,
): Promise<PersonOfLaunch | undefined> {
  if (typeOf(user) === 'Patient') {
    const patient = await server.read('Patient', idOf(user));
    return patient === undefined ? undefined : { roles: [], ...named(patient) };
  }
  const role = typeOf(user) === 'PractitionerRole' ? await server.read('PractitionerRole', idOf(user)) : undefined;
  const practitioner = role === undefined ? user : literal(role.practitioner, server.baseUrl);
  if (practitioner === undefined || typeOf(practitioner) !== 'Practitioner' || role?.active === false) return undefined;
  const [people, roles] = await ask(server, [
    byIds('Practitioner', [idOf(practitioner)]),
    practitionerRolesOf([practitioner]),
  ]);
  const person = resourcesOf(people, 'Practitioner').find((it) => it.id === idOf(practitioner));
  if (person === undefined || person.active === false) return undefined;
  const today = localDate(nowMs, zone);
  const held = resourcesOf(roles, 'PractitionerRole').filter(
    (it) => literal(it.practitioner, server.baseUrl) === practitioner && isHeld(it, today),
  );
  return { practitioner, roles: [...new Set(held.flatMap(codesOf))], ...named(person) };
}

const isHeld = (it: PractitionerRole, today: string): boolean => it.active !== false && covers(it.period, today);

const codesOf = (it: PractitionerRole): string[] =>
  (it.code ?? []).flatMap((one) => (one.coding ?? []).flatMap((c) => (c.system === ROLE && c.code ? [c.code] : [])));

/** Name and language of somebody, as far as the record has them. */
export function named(person: Patient | Practitioner): { readonly name?: string; readonly language?: string } {
  const name = nameOf(person.name);
  const languages = (person.communication ?? []).map((it) => ('language' in it ? it.language : it));
  const code = languages.flatMap((it) => ('coding' in it ? (it.coding ?? []) : []))[0]?.code;
  const language = code?.toLowerCase().split('-')[0];
  return { ...(name === undefined ? {} : { name }), ...(language === undefined ? {} : { language }) };
}

/** The name that is used now, as the hospital writes it. */
export function nameOf(names: readonly HumanName[] | undefined): string | undefined {
  const name = names?.find((it) => it.use === 'usual' || it.use === 'official') ?? names?.[0];
  const text = name?.text ?? [...(name?.given ?? []), name?.family].filter((it) => it !== undefined).join(' ');
  return text === '' ? undefined : text;
}
