import type { CommunicationRequest } from 'fhir/r4.js';
import { type Contact, contactOfPatient, contactOfPractitioner } from '../../domain/contact.ts';
import { byIds, consentsOf } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { remindersAbout, remindersTo } from '../../domain/schedule-queries.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, bySubject, resourcesOf } from '../by-subject.ts';
import type { PipelineContext } from '../context.ts';

/** How these people may be reached now: one batch for all of them. */
export async function contactsOf(
  server: FhirServer,
  people: readonly string[],
  { content, settings }: PipelineContext,
  nowMs: number,
): Promise<ReadonlyMap<string, Contact>> {
  if (people.length === 0) return new Map();
  const { baseUrl, timeZone: zone } = settings;
  const patients = people.filter((it) => typeOf(it) === 'Patient');
  const staff = people.filter((it) => typeOf(it) === 'Practitioner');
  const pages = await ask(server, [
    remindersTo(people),
    ...(staff.length === 0 ? [] : [byIds('Practitioner', staff.map(idOf))]),
    ...(patients.length === 0
      ? []
      : [byIds('Patient', patients.map(idOf)), consentsOf(patients), remindersAbout(patients)]),
  ]);
  const found = pages.flatMap((it) => it.resources);
  const requests = found.filter((it): it is CommunicationRequest => it.resourceType === 'CommunicationRequest');
  const consents = bySubject(
    pages.flatMap((it) => resourcesOf(it, 'Consent')),
    (it) => it.patient,
    baseUrl,
  );
  const named = new Map(found.map((it) => [`${it.resourceType}/${it.id}`, it]));
  return new Map(
    people.map((person): [string, Contact] => {
      const own = requests.filter((it) =>
        (it.recipient ?? [it.subject]).some((who) => literal(who, baseUrl) === person),
      );
      const around = { requests: own, nowMs, zone, baseUrl };
      const it = named.get(person);
      return [
        person,
        typeOf(person) === 'Patient'
          ? contactOfPatient(it?.resourceType === 'Patient' ? it : undefined, person, {
              ...around,
              consents: consents.get(person) ?? [],
              policy: content.consent,
            })
          : contactOfPractitioner(it?.resourceType === 'Practitioner' ? it : undefined, person, around),
      ];
    }),
  );
}
