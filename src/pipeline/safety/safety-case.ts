import type { QuestionnaireResponse, Reference } from 'fhir/r4.js';
import { membershipOf } from '../../domain/membership.ts';
import type { ProgrammeSettings } from '../../domain/patient-record.ts';
import type { Holding } from '../compute-held.ts';
import type { Detected } from './detect-signs.ts';
import type { SafetyRecord } from './load-people.ts';

export interface RaiseOptions extends Omit<Holding, 'state'> {
  readonly dryRun?: boolean;
  /** How long somebody may be kept waiting while people are told; then it goes on without them. For ever where absent. */
  readonly patienceMs?: number;
}

/** A response as it was handed in or stored, and how the Flag names it. */
export interface Given {
  readonly response: QuestionnaireResponse;
  /** By identifier where the server does not hold it. */
  readonly reference: Reference;
}

/** A response that the server holds. */
export const stored = (response: QuestionnaireResponse): Given => ({
  response,
  reference: { reference: `QuestionnaireResponse/${response.id}` },
});

/** A response that was handed in and that nobody keeps: its sign is raised all the same. */
export const unstored = (response: QuestionnaireResponse): Given => ({
  response,
  reference: {
    type: 'QuestionnaireResponse',
    ...(response.identifier === undefined ? { display: 'not stored' } : { identifier: response.identifier }),
  },
});

/** One response of one patient, with its signs and how the Flag names it. */
export interface Case extends Detected {
  readonly patient: string;
  readonly reference: Reference;
}

/** Whether the patient is one whom the programme watches. Who withdrew from research, or has died, still is. */
export const isWatchedPatient = (record: SafetyRecord, settings: ProgrammeSettings): boolean =>
  record.patient !== undefined && membershipOf(record, settings).inScope;
