import { CONTACT_IDENTIFIER, contactLogged, type LoggedContact, SAME_MS } from '../../domain/logged-contact.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { lookAtPatient, type OverviewPorts } from '../patient-overview.ts';
import { reaches } from './read-patient.ts';
import type { Reader } from './reader.ts';

/** Whether a reader cares for a patient of the programme today, asked with the reader’s own token. */
export async function caresFor(ports: OverviewPorts, reader: Reader, patient: string, nowMs: number): Promise<boolean> {
  const look = await lookAtPatient(ports, { patient, viewer: reader.practitioner }, nowMs, () => []);
  return look?.overview.inScope === true && reaches(look, reader, ports.context);
}

/** The same contact logged a moment ago, on the other side of a full minute. */
async function loggedBefore(server: FhirServer, contact: LoggedContact): Promise<string | undefined> {
  const { nowMs } = contact;
  const former = contactLogged({ ...contact, nowMs: nowMs - SAME_MS }).identifier?.[0]?.value ?? '';
  const search = { type: 'Communication', params: [['identifier', `${CONTACT_IDENTIFIER}|${former}`]] } as const;
  for await (const page of server.search(search))
    for (const it of page.resources) if (nowMs - Date.parse(it.sent ?? '') < SAME_MS) return it.id;
  return undefined;
}

/** Writes a contact once. @throws FhirError where the server does not take it */
export async function logContact(server: FhirServer, contact: LoggedContact): Promise<{ readonly id: string }> {
  const resource = contactLogged(contact);
  const value = resource.identifier?.[0]?.value ?? '';
  const before = await loggedBefore(server, contact);
  if (before !== undefined) return { id: before };
  const written = await server.write({
    method: 'POST',
    resource,
    ifNoneExist: `identifier=${CONTACT_IDENTIFIER}|${value}`,
  });
  return { id: written.id ?? '' };
}
