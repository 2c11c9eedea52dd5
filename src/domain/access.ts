import type { Right } from './view/session-view.ts';

/** Which role of `CodeSystem/role` may open and do what, and which no one person may hold together. Content. */
export interface AccessPolicy {
  readonly version: string;
  /** Rights by role code. */
  readonly roles: ReadonlyMap<string, readonly Right[]>;
  /** Roles that reach everybody of the programme; all others reach whom they care for. */
  readonly everybody: ReadonlySet<string>;
  /** Pairs of roles that are apart: whoever holds both gets neither. */
  readonly apart: readonly (readonly [string, string])[];
}

/** Every right there is. */
export const RIGHTS: readonly Right[] = [
  'worklist',
  'decide',
  'safety',
  'enrol',
  'pause',
  'handover',
  'reschedule',
  'log-contact',
  'answer',
  'review',
  'dead-letters',
  'jobs',
  'response-rates',
  'paper',
  'accesses',
  'cohort-report',
];

/** What these roles may do together. */
export const rightsOf = (policy: AccessPolicy, roles: readonly string[]): ReadonlySet<Right> =>
  new Set(roles.flatMap((it) => policy.roles.get(it) ?? []));

/** Two roles of one person that content keeps apart; `undefined` where there are none. */
export const heldTogether = (policy: AccessPolicy, roles: readonly string[]): readonly [string, string] | undefined =>
  policy.apart.find(([a, b]) => roles.includes(a) && roles.includes(b));

/** Whether one of these roles reaches every patient of the programme. */
export const reachesEverybody = (policy: AccessPolicy, roles: readonly string[]): boolean =>
  roles.some((it) => policy.everybody.has(it));
