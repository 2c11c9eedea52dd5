import type { AuditEvent } from 'fhir/r4.js';
import { type AccessEvent, readAuditEvent } from '../../domain/access-event.ts';
import { DEVICE_ID } from '../../domain/canonicals.ts';
import { escaped, type Query } from '../../domain/queries.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { State } from '../../state/port.ts';
import { type AccessChain, waitingAccesses } from './deliver-accesses.ts';

/** Which accesses are asked for. Dates are local days or instants, both included. */
export interface AccessQuestion {
  /** `Patient/…` */
  readonly patient?: string;
  /** `Practitioner/…` or `Patient/…` */
  readonly who?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface AccessSources {
  readonly server: FhirServer;
  readonly state: State;
  readonly chain?: AccessChain;
}

/** More than anybody reads: who asks for more narrows the days. */
const MOST = 5_000;

const stored = ({ patient, who, from, to }: AccessQuestion): Query<'AuditEvent'> => ({
  type: 'AuditEvent',
  params: [
    ['source', `Device/${DEVICE_ID}`],
    ...(patient === undefined ? [] : [['entity', escaped(patient)] as const]),
    ...(who === undefined ? [] : [['agent', escaped(who)] as const]),
    ...(from === undefined ? [] : [['date', `ge${from}`] as const]),
    ...(to === undefined ? [] : [['date', `le${to}`] as const]),
    ['_sort', '-date'],
    ['_count', '500'],
  ],
});

/** Every access that is recorded, on the server, in the local log or still on its way; the newest first. */
export async function readAccesses(sources: AccessSources, question: AccessQuestion): Promise<readonly AccessEvent[]> {
  const found = new Map<string, AccessEvent>();
  const note = (events: readonly AuditEvent[]): void => {
    for (const it of events.flatMap((one) => readAuditEvent(one) ?? []))
      if (isAsked(it, question)) found.set(requestOf(it), it);
  };
  note(await waitingAccesses(sources.state));
  if (sources.chain !== undefined) note(await sources.chain.read());
  for await (const { resources } of sources.server.search(stored(question))) {
    note(resources);
    if (found.size >= MOST) break;
  }
  return [...found.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** The id that Vincle gave it, whatever id the server did. */
const requestOf = ({ id }: AccessEvent): string => id;

function isAsked({ at, who, patient, resources }: AccessEvent, question: AccessQuestion): boolean {
  // A list shows many patients at once: it is about each of them.
  const about = patient === question.patient || resources.some((it) => it === question.patient);
  if (question.patient !== undefined && !about) return false;
  if (question.who !== undefined && who.reference !== question.who) return false;
  if (question.from !== undefined && at < question.from) return false;
  return question.to === undefined || at.slice(0, question.to.length) <= question.to;
}
