import type { CohortData, CohortPatient, CohortRow, PatientVisit, Rater } from '../../src/analysis/cohort-data.ts';
import { normal, seeded } from '../../src/analysis/numeric/random.ts';

const VISITS = ['m3', 'm6', 'm12'];

/** A cohort of any size for time and memory: two arms, ten patients a therapist, about five of six ratings given. */
export function simulatedCohort(size: number, seed: number): CohortData {
  const random = seeded(seed, 'bench');
  const patients: CohortPatient[] = [];
  const rows: CohortRow[] = [];
  const count = Math.ceil(size / 10);
  const therapists = Array.from({ length: count }, (_, i) => ({
    therapist: `t${i}`,
    site: `s${i % 6}`,
    vasPlatform: [Math.round(60 + 15 * normal(random))],
    lift: 3 * normal(random),
  }));
  for (let i = 0; i < size; i += 1) {
    const therapist = therapists[i % count];
    const arm = Math.floor(i / count) % 2 === 0 ? 'usual' : 'digital';
    const own = { patient: 5 * normal(random), therapist: 5 * normal(random) };
    const visits = VISITS.map((visit, v): PatientVisit => {
      const given = (rater: Rater): boolean => {
        if (random() < 1 / 6) return false;
        const level = 66 + v - (arm === 'digital' ? 1 + (rater === 'therapist' ? v : 0) : 0) + (therapist?.lift ?? 0);
        rows.push(rowOf(i, therapist?.therapist, visit, rater, level + own[rater] + 5 * normal(random)));
        return true;
      };
      const state = (rater: Rater) => (given(rater) ? ('answered' as const) : ('not-answered' as const));
      return {
        visit,
        sus: arm === 'digital' ? Math.round(70 + 12 * normal(random)) : undefined,
        vasApp: arm === 'digital' ? Math.round(65 + 15 * normal(random)) : undefined,
        communications: {
          message: amount(random),
          call: amount(random),
          video: amount(random),
          'in-person': amount(random),
          group: amount(random),
        },
        flow: { patient: state('patient'), therapist: state('therapist') },
      };
    });
    patients.push({
      patient: `p${i}`,
      arm,
      site: therapist?.site ?? '',
      ageAtInclusion: Math.round(52 + 11 * normal(random)),
      baselineDistress: Math.min(10, Math.max(0, Math.round(5 + 2 * normal(random)))),
      left: undefined,
      visits,
    });
  }
  return {
    arms: ['usual', 'digital'].map((arm) => ({ arm, label: arm })),
    visits: VISITS,
    scale: { min: 12, max: 84 },
    patients,
    therapists,
    rows,
  };
}

const amount = (random: () => number) => {
  const count = Math.floor(random() * 4);
  return { count, per30Days: count / 3 };
};

function rowOf(patient: number, therapist: string | undefined, visit: string, rater: Rater, score: number): CohortRow {
  const total = Math.round(Math.min(84, Math.max(12, score)));
  const third = Math.floor(total / 3);
  return {
    patient: `p${patient}`,
    therapist,
    visit,
    rater,
    day: undefined,
    total,
    subscales: { task: third, bond: third, goal: total - 2 * third },
    answered: 12,
    prorated: (patient + total) % 37 === 0,
    uniform: (patient + total) % 101 === 0,
    language: patient % 3 === 0 ? 'ca' : 'es',
    version: '1.0.0',
    daysApart: (patient + total) % 20,
    exposed: patient % 53 === 0,
  };
}
