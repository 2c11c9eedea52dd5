import type { CohortPatient } from '../cohort-data.ts';
import type { Reason } from '../estimate.ts';
import type { ModelRow } from '../mixed/moments.ts';
import type { Deviation } from '../plan.ts';
import { type Cohort, notCompared, type Rating } from './cohort.ts';

/** The fixed part of a model in cell means: one column for each arm and visit (and rater), then covariates about their mean. */
export interface Design {
  readonly rows: readonly ModelRow[];
  readonly columns: number;
  /** Reference arm first; `all` alone for one cohort. */
  readonly arms: readonly string[];
  /** Visits that every cell has ratings of, in order. */
  readonly visits: readonly string[];
  /** Column of a cell; `layer` is the rater’s index in a joint design, else 0. */
  readonly column: (layer: number, arm: number, visit: number) => number;
  readonly covariates: readonly string[];
  readonly patients: number;
  /** Ratings of the compared arms, also at visits that are not in the model. */
  readonly offered: number;
  /** Why arms are not compared, where they are not. */
  readonly notCompared: Reason;
  readonly deviations: readonly Deviation[];
}

export interface DesignChoice {
  /** 0 … layers − 1: the rater’s index in a joint design. */
  readonly layers: number;
  readonly layerOf: (rating: Rating) => number;
  /** Further columns of a rating, after the covariates; every rating must have them. */
  readonly more?: readonly { readonly name: string; readonly valueOf: (rating: Rating) => number }[];
  /** Without the plan’s covariates. */
  readonly bare?: boolean;
}

const ONE_LAYER: DesignChoice = { layers: 1, layerOf: () => 0 };

/** Rows of the model for these ratings, in the planned comparison where there is one, else as one cohort. */
export function designOf(cohort: Cohort, ratings: readonly Rating[], choice: DesignChoice = ONE_LAYER): Design {
  const { comparison } = cohort;
  const arms = comparison === undefined ? ['all'] : [comparison.against, comparison.of];
  const armOf = (it: Rating): number => (comparison === undefined ? 0 : arms.indexOf(it.patient.arm ?? ''));
  const compared = ratings.filter((it) => armOf(it) >= 0);
  const visits = fullVisits(
    cohort,
    compared,
    arms.length * choice.layers,
    (it) => choice.layerOf(it) * arms.length + armOf(it),
  );
  const kept = compared.flatMap((rating) => {
    const visit = visits.indexOf(rating.visit);
    return visit < 0 ? [] : [{ rating, visit }];
  });
  const patients = [...new Set(kept.map((it) => it.rating.patient))];
  const { covariates, deviations } =
    choice.bare || patients.length === 0 ? { covariates: [], deviations: [] } : covariatesOf(cohort, patients);
  const more = choice.more ?? [];
  const cells = choice.layers * arms.length * visits.length;
  const columns = cells + covariates.length + more.length;
  const column = (layer: number, arm: number, visit: number): number =>
    (layer * arms.length + arm) * visits.length + visit;
  const groups = new Map<string, number>();
  const groupOf = (patient: CohortPatient): number => {
    // A patient whose therapist nobody knows is a cluster of one.
    const therapist = cohort.therapistOf.get(patient.patient) ?? `\u0000${patient.patient}`;
    const known = groups.get(therapist) ?? groups.size;
    groups.set(therapist, known);
    return known;
  };
  const rows = kept.map(({ rating, visit }): ModelRow => {
    const layer = choice.layerOf(rating);
    const x = new Float64Array(columns);
    x[column(layer, armOf(rating), visit)] = 1;
    for (const [i, it] of covariates.entries()) x[cells + i] = it.valueOf(rating.patient);
    for (const [i, it] of more.entries()) x[cells + covariates.length + i] = it.valueOf(rating);
    const occasion = layer * visits.length + visit;
    return { patient: rating.index, occasion, group: groupOf(rating.patient), x, y: rating.total };
  });
  const names = visits.map((it) => cohort.visits[it] ?? '');
  const dropped = cohort.visits.filter((it) => !names.includes(it));
  return {
    rows,
    columns,
    arms,
    visits: names,
    column,
    covariates: [...covariates.map((it) => it.name), ...more.map((it) => it.name)],
    patients: patients.length,
    offered: compared.length,
    notCompared: notCompared(cohort),
    deviations: [...deviations, ...dropped.map((about): Deviation => ({ code: 'visits-not-as-planned', about }))],
  };
}

/** Visits with at least the plan’s minimum of ratings in every cell: others say nothing of a comparison. */
function fullVisits(
  cohort: Cohort,
  ratings: readonly Rating[],
  cells: number,
  cellOf: (it: Rating) => number,
): number[] {
  const counts = cohort.visits.map(() => new Array<number>(cells).fill(0));
  for (const rating of ratings) {
    const visit = counts[rating.visit];
    if (visit !== undefined) visit[cellOf(rating)] = (visit[cellOf(rating)] ?? 0) + 1;
  }
  return counts.flatMap((it, visit) => (it.every((n) => n >= cohort.plan.minimum) ? [visit] : []));
}

interface Covariate {
  readonly name: string;
  /** About the mean of the model’s patients. */
  readonly valueOf: (patient: CohortPatient) => number;
}

function covariatesOf(
  cohort: Cohort,
  patients: readonly CohortPatient[],
): { readonly covariates: readonly Covariate[]; readonly deviations: readonly Deviation[] } {
  const { development } = cohort.plan;
  const covariates: Covariate[] = [];
  const deviations: Deviation[] = [];
  if (development.site) covariates.push(...siteColumns(patients));
  const wanted = [
    ...(development.baselineDistress
      ? [['baseline-distress', (it: CohortPatient) => it.baselineDistress] as const]
      : []),
    ...(development.age ? [['age', (it: CohortPatient) => it.ageAtInclusion] as const] : []),
  ];
  for (const [name, read] of wanted) {
    const known = patients.flatMap((it) => read(it) ?? []);
    const mean = known.reduce((sum, it) => sum + it, 0) / known.length;
    if (known.length < 2 || known.every((it) => it === known[0])) {
      deviations.push({ code: 'covariate-dropped', about: name, n: known.length });
      continue;
    }
    // Mean imputation of a baseline covariate keeps a randomised comparison unbiased (White & Thompson 2005).
    covariates.push({ name, valueOf: (it) => (read(it) ?? mean) - mean });
    if (known.length < patients.length)
      deviations.push({ code: 'patients-without-covariate', about: name, n: patients.length - known.length });
  }
  return { covariates, deviations };
}

function siteColumns(patients: readonly CohortPatient[]): Covariate[] {
  const sites = [...new Set(patients.map((it) => it.site))].sort();
  return sites.slice(1).map((site): Covariate => {
    const share = patients.filter((it) => it.site === site).length / patients.length;
    return { name: `site:${site}`, valueOf: (it) => (it.site === site ? 1 : 0) - share };
  });
}

/** A vector of β’s length with the given weights. */
export function weightsOf(design: Design, entries: readonly (readonly [number, number])[]): Float64Array {
  const weights = new Float64Array(design.columns);
  for (const [column, by] of entries) weights[column] = (weights[column] ?? 0) + by;
  return weights;
}
