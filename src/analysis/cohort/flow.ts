import { type AskState, type CohortData, type CohortPatient, RATERS, type Rater } from '../cohort-data.ts';
import { shareOf } from '../estimators/location.ts';
import type { AnalysisPlan } from '../plan.ts';
import type { Flow, FlowCell } from '../result.ts';

const STATES: readonly AskState[] = ['answered', 'without-total', 'not-answered', 'not-asked', 'not-due', 'left'];
/** Of whom an answer could have come: the denominator of the response rate. */
const DUE: ReadonlySet<AskState> = new Set(['answered', 'without-total', 'not-answered', 'not-asked']);

const MASKED = 'masked';
const NO_ARM = 'none';

/** Recruitment, completeness and missingness. Reads no score; with `masked` no arm either. */
export function flowOf(data: CohortData, plan: AnalysisPlan, masked: boolean): Flow {
  const armOf = (patient: CohortPatient): string => (masked ? MASKED : (patient.arm ?? NO_ARM));
  const codes = masked ? [MASKED] : [...data.arms.map((it) => it.arm), NO_ARM];
  const groups = new Map<string, CohortPatient[]>(codes.map((arm) => [arm, []]));
  for (const patient of data.patients) groups.get(armOf(patient))?.push(patient);
  if (groups.get(NO_ARM)?.length === 0) groups.delete(NO_ARM);
  const arms = [...groups];
  const visits = plan.visits.filter((it) => data.visits.includes(it));
  return {
    included: arms.map(([arm, patients]) => ({ arm, n: patients.length })),
    left: arms.flatMap(([arm, patients]) => leavers(arm, patients)),
    cells: arms.flatMap(([arm, patients]) =>
      visits.flatMap((visit) => RATERS.map((rater) => cellOf(arm, patients, visit, rater, plan.level))),
    ),
    both: arms.flatMap(([arm, patients]) =>
      visits.map((visit) => ({ arm, visit, share: bothOf(patients, visit, plan.level) })),
    ),
    patterns: arms.flatMap(([arm, patients]) => RATERS.flatMap((rater) => patternsOf(arm, patients, rater, visits))),
  };
}

const stateOf = (patient: CohortPatient, visit: string, rater: Rater): AskState =>
  patient.visits.find((it) => it.visit === visit)?.flow[rater] ?? 'not-asked';

function leavers(arm: string, patients: readonly CohortPatient[]): Flow['left'] {
  const counts = new Map<string, number>();
  for (const { left } of patients) if (left !== undefined) counts.set(left, (counts.get(left) ?? 0) + 1);
  return [...counts].sort().map(([reason, n]) => ({ arm, reason, n }));
}

function cellOf(arm: string, patients: readonly CohortPatient[], visit: string, rater: Rater, level: number): FlowCell {
  const found = patients.map((it) => stateOf(it, visit, rater));
  const count = (state: AskState): number => found.filter((it) => it === state).length;
  const states = Object.fromEntries(STATES.map((it) => [it, count(it)])) as Record<AskState, number>;
  const due = found.filter((it) => DUE.has(it)).length;
  return { arm, visit, rater, states, response: shareOf(states.answered, due, level) };
}

function bothOf(patients: readonly CohortPatient[], visit: string, level: number): ReturnType<typeof shareOf> {
  const due = patients.filter((it) => RATERS.every((rater) => DUE.has(stateOf(it, visit, rater))));
  const both = due.filter((it) => RATERS.every((rater) => stateOf(it, visit, rater) === 'answered'));
  return shareOf(both.length, due.length, level);
}

function patternsOf(
  arm: string,
  patients: readonly CohortPatient[],
  rater: Rater,
  visits: readonly string[],
): Flow['patterns'] {
  const counts = new Map<string, { readonly visits: readonly string[]; n: number }>();
  for (const patient of patients) {
    const answered = visits.filter((it) => stateOf(patient, it, rater) === 'answered');
    const found = counts.get(answered.join('+')) ?? { visits: answered, n: 0 };
    found.n += 1;
    counts.set(answered.join('+'), found);
  }
  return [...counts.values()].sort((a, b) => b.n - a.n).map((it) => ({ arm, rater, visits: it.visits, n: it.n }));
}
