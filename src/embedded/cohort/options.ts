/** What a synthetic cohort is made from: the same options give the same cohort, to the byte. */
export interface CohortOptions {
  readonly seed: number;
  /** Patients of the study; patients of the hospital outside it are added. */
  readonly patients: number;
  /** First day of recruitment, `YYYY-MM-DD`; recruitment takes nine months. */
  readonly start?: string;
  /** Id of the ResearchStudy. */
  readonly study?: string;
  /** Before every id, so that several cohorts can stand on one server. */
  readonly idPrefix?: string;
  /** Whether responses come as they do in life: late, twice, amended, wrong. On unless told. */
  readonly faults?: boolean;
  /**
   * Also puts the PHQ-9 form of another publisher under that publisher's id, so that responses can refer to it by a
   * relative reference. Only for a server that holds nothing real: it would overwrite the publisher's own form.
   */
  readonly otherForms?: boolean;
  /** A cohort without faults, contacts and second part, of exactly so many responses; `patients` follows from it. */
  readonly responses?: number;
}

/** The options with everything decided. */
export interface Cohort {
  readonly seed: number;
  readonly patients: number;
  readonly outside: number;
  readonly therapists: number;
  readonly start: string;
  readonly study: string;
  readonly prefix: string;
  readonly faults: boolean;
  readonly otherForms: boolean;
  readonly responses: number | undefined;
}

/** Responses of a patient of each arm who misses none, the digital arm first. */
export const WHOLE_SCHEDULE = [32, 26] as const;

/**
 * Decides what the options leave open.
 * @throws RangeError where they cannot be met
 */
export function cohortOf(options: CohortOptions): Cohort {
  const { responses } = options;
  const pair = WHOLE_SCHEDULE[0] + WHOLE_SCHEDULE[1];
  const patients = responses === undefined ? options.patients : Math.max(2, 2 * Math.ceil(responses / pair));
  if (!Number.isInteger(patients) || patients < 2 || patients > 99_999)
    throw new RangeError('A cohort has 2 to 99999 patients.');
  if (responses !== undefined && (!Number.isInteger(responses) || responses < 1))
    throw new RangeError('The number of responses is a whole number above 0.');
  const prefix = options.idPrefix ?? 'synthetic';
  if (!/^[A-Za-z][A-Za-z0-9-]{0,19}$/.test(prefix))
    throw new RangeError('An id prefix is a letter, then up to 19 letters, digits and hyphens.');
  const start = options.start ?? '2024-10-01';
  if (Number.isNaN(Date.parse(`${start}T00:00:00Z`)) || start.length !== 10)
    throw new RangeError('The start is a date, YYYY-MM-DD.');
  return {
    seed: options.seed,
    patients,
    outside: responses === undefined ? Math.max(2, Math.round(patients / 8)) : 0,
    therapists: Math.max(2, Math.ceil(patients / 8)),
    start,
    study: options.study ?? `${prefix}-study`,
    prefix,
    faults: responses === undefined && options.faults !== false,
    otherForms: options.otherForms ?? false,
    responses,
  };
}

export const studyReference = (cohort: Cohort): string => `ResearchStudy/${cohort.study}`;

/** `prefix-kind-part-…`: never digits alone, which servers keep for themselves. */
export const idOf = (cohort: Cohort, ...parts: readonly string[]): string => [cohort.prefix, ...parts].join('-');

export const fourDigits = (index: number): string => String(index + 1).padStart(4, '0');
