import type { Communication, Encounter, FhirResource } from 'fhir/r4.js';
import { readAuthored } from '../instant.ts';
import { literal } from '../reference.ts';
import type { ContactMonthView, PatientView } from '../view/patient-view.ts';
import type { PageInput } from './page-input.ts';

type Kind = Exclude<keyof ContactMonthView, 'month'>;
/** Kind of contact by the code of its medium (contract, Communication). */
const MEDIUM: Readonly<Record<string, Kind>> = {
  ONLINEWRIT: 'message',
  WRITTEN: 'message',
  EMAILWRIT: 'message',
  PHONE: 'call',
  VIDEOCONF: 'video',
  FACE: 'inPerson',
};

export interface Contact {
  readonly kind: Kind;
  readonly date: string;
}

const isPerson = (reference: string | undefined): boolean =>
  reference !== undefined && !reference.startsWith('Device/') && !reference.startsWith('CareTeam/');

/**
 * A completed Communication between the patient and a person, and nothing else: a reminder or an alert has a Device or
 * nobody for its sender.
 */
export function contactIn(it: Communication, zone: string, baseUrl: string): Contact[] {
  const codes = (it.medium ?? []).flatMap((one) => one.coding ?? []).map((one) => one.code ?? '');
  const kind = codes.flatMap((code) => MEDIUM[code] ?? [])[0];
  const date = readAuthored(it.sent ?? it.received, zone)?.date;
  const sender = literal(it.sender, baseUrl);
  return it.status === 'completed' && kind !== undefined && date !== undefined && isPerson(sender)
    ? [{ kind, date }]
    : [];
}

const CLASS: Readonly<Record<string, Kind>> = { VR: 'video', AMB: 'inPerson', IMP: 'inPerson', HH: 'inPerson' };

function ofEncounter(it: Encounter, zone: string): Contact[] {
  const kind = CLASS[it.class?.code ?? ''];
  const date = readAuthored(it.period?.start, zone)?.date;
  return it.status === 'finished' && kind !== undefined && date !== undefined ? [{ kind, date }] : [];
}

/** Contacts by month and kind. Where nothing ever told of one, how many there were is unknown, and never none. */
export function contactsOf(input: PageInput): PatientView['contacts'] {
  const { timeZone, baseUrl } = input.look.settings;
  const all = input.resources.flatMap((it: FhirResource): Contact[] =>
    it.resourceType === 'Communication'
      ? contactIn(it, timeZone, baseUrl)
      : it.resourceType === 'Encounter'
        ? ofEncounter(it, timeZone)
        : [],
  );
  if (all.length === 0) return { state: 'missing', why: 'not-asked' };
  const months = new Map<string, Record<Kind, number>>();
  for (const { kind, date } of all) {
    const month = date.slice(0, 7);
    const counts = months.get(month) ?? { message: 0, call: 0, video: 0, inPerson: 0 };
    counts[kind] += 1;
    months.set(month, counts);
  }
  const last = all
    .map((it) => it.date)
    .sort()
    .at(-1);
  return {
    state: 'shown',
    months: [...months].sort(([a], [b]) => a.localeCompare(b)).map(([month, counts]) => ({ month, ...counts })),
    ...(last === undefined ? {} : { last }),
  };
}
