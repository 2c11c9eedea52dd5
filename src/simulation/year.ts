import type { LevelCode } from '../domain/protocol.ts';
import type { Violation } from './invariants.ts';

/** What care looked like at one tick. */
export interface Tick {
  /** Simulated day. */
  readonly date: string;
  /** Patients by level in force. */
  readonly levels: Readonly<Record<LevelCode, number>>;
  readonly answers: number;
  readonly amended: number;
  readonly proposed: number;
  readonly approved: number;
  readonly declined: number;
  /** Proposals that were revoked: overtaken by an amended answer, or undecided for too long. */
  readonly revoked: number;
  readonly signs: number;
  readonly takenUp: number;
  readonly escalations: number;
  readonly asked: number;
  readonly reminded: number;
  readonly expired: number;
}

/** A simulated course of the programme, with what it cost and what broke. */
export interface Year {
  readonly patients: number;
  readonly months: number;
  readonly seed: number;
  readonly levels: readonly LevelCode[];
  readonly ticks: readonly Tick[];
  readonly violations: readonly Violation[];
  /** Patients whose invariants were checked, each as often as a tick touched them. */
  readonly checked: number;
  /** Requests that Vincle’s jobs sent, and seconds that they took; the hospital’s and the staff’s apart. */
  readonly jobRequests: number;
  readonly jobSeconds: number;
  readonly jobs: Readonly<Record<string, { readonly requests: number; readonly seconds: number }>>;
  readonly seconds: number;
}

/** One of the counts over the whole course. */
export const total = (year: Year, count: Exclude<keyof Tick, 'date' | 'levels'>): number =>
  year.ticks.reduce((sum, it) => sum + it[count], 0);

/** What the jobs cost for one patient and year. */
export function perPatientYear({ patients, months, jobRequests, jobSeconds }: Year) {
  const years = (patients * months) / 12;
  return { requests: jobRequests / years, seconds: jobSeconds / years };
}
