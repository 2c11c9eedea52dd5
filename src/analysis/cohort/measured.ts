import { COMMUNICATION_KINDS, type CommunicationKind, type PatientVisit } from '../cohort-data.ts';
import type { AssociatedVariable } from '../plan.ts';
import type { Rating } from './cohort.ts';

const KIND = 'communication:';

/** The variable as it stood when this rating was made; `undefined` where it was not measured. */
export function measuredAt(variable: AssociatedVariable, rating: Pick<Rating, 'patient' | 'row'>): number | undefined {
  if (variable === 'age') return rating.patient.ageAtInclusion;
  const visit = rating.patient.visits.find((it) => it.visit === rating.row.visit);
  if (visit === undefined) return undefined;
  if (variable === 'sus') return visit.sus;
  if (variable === 'vas-app') return visit.vasApp;
  return communicationRate(visit, variable === 'communication' ? COMMUNICATION_KINDS : kindsOf(variable));
}

const kindsOf = (variable: string): readonly CommunicationKind[] =>
  COMMUNICATION_KINDS.filter((it) => variable === `${KIND}${it}`);

/** Contacts for each 30 days of the window, of the kinds that a feed tells of; unknown where none does or the window is empty. */
function communicationRate(visit: PatientVisit, kinds: readonly CommunicationKind[]): number | undefined {
  if (visit.communications === undefined) return undefined;
  let sum: number | undefined;
  for (const kind of kinds) {
    const amount = visit.communications[kind];
    if (amount === undefined) continue;
    if (amount.per30Days === undefined) return undefined;
    sum = (sum ?? 0) + amount.per30Days;
  }
  return sum;
}
