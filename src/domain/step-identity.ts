import { BASE } from './canonicals.ts';
import { identify } from './derived-identity.ts';

/** Identifier system of every CarePlan that Vincle writes. */
export const CARE_PLAN_IDENTIFIER = `${BASE}/identifier/care-plan`;

/** First plan of a patient and episode; `after` is the last plan of an earlier, ended course, so that each course has its own. */
export const enrolmentId = (patient: string, episode: string | undefined, after: string | undefined): string =>
  identify(`enrolment|${patient}|${episode ?? ''}|${after ?? ''}`);

/** The plan that follows another: there is one, whoever decides it and however often it is written. */
export const successorId = (plan: string): string => identify(`successor|${plan}`);

/** A proposal: one for a plan, a rule of a version, and the evidence as it was; `again` counts earlier ones withdrawn. */
export const proposalId = (plan: string, rule: string, evidence: string, again: number): string =>
  identify(`proposal|${plan}|${rule}|${evidence}${again === 0 ? '' : `|${again}`}`);

export const decideTaskId = (proposal: string): string => identify(`decide-step|${proposal}`);

/** The Task of one activity of a level, for as long as the patient has it. */
export const activityTaskId = (plan: string, activity: string): string => identify(`activity|${plan}|${activity}`);

/** A Provenance: one for an event and what it is about; `part` tells apart what may happen to it more than once. */
export const provenanceId = (event: string, about: string, part = ''): string =>
  identify(`provenance|${event}|${about}|${part}`);
