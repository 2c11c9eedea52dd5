import type { Observation } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import type { FhirServer } from '../fhir/port.ts';
import { table } from './print.ts';

const MEASURE = codeSystem('measure');
const SHOWN = 8;

const codeOf = (it: Observation): string => it.code.coding?.find((c) => c.system === MEASURE)?.code ?? '';
const componentOf = (it: Observation, code: string) =>
  it.component?.find((part) => part.code.coding?.some((c) => c.code === code));
const visitOf = (it: Observation): string => componentOf(it, 'visit')?.valueCodeableConcept?.coding?.[0]?.code ?? '';
const total = (it: Observation, code: string): string => String(componentOf(it, code)?.valueQuantity?.value ?? '—');

/** How many Observations of each kind stand on the server, and the first dyads, as a person reads them. */
export async function measuresTable(server: FhirServer): Promise<string> {
  const kinds = new Map<string, { with: number; without: number }>();
  const dyads: Observation[] = [];
  for await (const page of server.search({
    type: 'Observation',
    params: [
      ['code', `${MEASURE}|`],
      ['_sort', '_id'],
      ['_count', '500'],
    ],
  }))
    for (const it of page.resources) {
      const kind = kinds.get(codeOf(it)) ?? { with: 0, without: 0 };
      kind[it.valueQuantity === undefined ? 'without' : 'with'] += 1;
      kinds.set(codeOf(it), kind);
      if (codeOf(it) === 'wai-s-dyad') dyads.push(it);
    }
  const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, it]) => [code, it.with, it.without]);
  return `${table(['Observations', 'with a value', 'without, and why'], rows)}\n\n${dyadTable(dyads)}`;
}

function dyadTable(dyads: readonly Observation[]): string {
  const ordered = [...dyads].sort((a, b) =>
    `${a.subject?.reference}${visitOrder(a)}`.localeCompare(`${b.subject?.reference}${visitOrder(b)}`),
  );
  const rows = ordered
    .slice(0, SHOWN)
    .map((it) => [
      it.subject?.reference ?? '',
      visitOf(it),
      total(it, 'patient-total'),
      total(it, 'therapist-total'),
      it.valueQuantity?.value ?? 'partner missing',
      it.status,
    ]);
  return `${table(['alliance dyad', 'visit', 'patient', 'therapist', 'difference', 'status'], rows)}${dyads.length > SHOWN ? `\n… and ${dyads.length - SHOWN} more` : ''}`;
}

const visitOrder = (it: Observation): string => visitOf(it).slice(1).padStart(3, '0');
