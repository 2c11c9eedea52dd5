import {
  COMMUNICATION_KINDS,
  type CohortPatient,
  type CohortRow,
  type PatientVisit,
  RATERS,
  type Rater,
} from '../../analysis/cohort-data.ts';

/** One patient with the ratings that count: what a stream of the cohort hands over at a time. */
export interface PatientRatings {
  readonly patient: CohortPatient;
  readonly rows: readonly CohortRow[];
}

type Cell = string | number | boolean | undefined;

/** A column of the export and its line in the data dictionary. */
interface Column {
  readonly name: string;
  readonly meaning: string;
  readonly unit: string;
  /** Lowest and highest value of a number, both allowed; none above where nothing bounds it. */
  readonly range?: Range;
  readonly of: (slot: Slot) => Cell;
}

type Range = readonly [number, number | undefined];

/** What was to be rated once: a patient, visit and rater, with the rating where one came. */
interface Slot {
  readonly patient: CohortPatient;
  readonly visit: PatientVisit;
  readonly rater: Rater;
  readonly row: CohortRow | undefined;
  /** Mean satisfaction of the rated therapist with the platform. */
  readonly platform: number | undefined;
}

const column = (name: string, unit: string, meaning: string, of: Column['of'], range?: Range): Column => ({
  name,
  unit,
  meaning,
  of,
  ...(range === undefined ? {} : { range }),
});

const NOT_BELOW_ZERO: Range = [0, undefined];
/** Nobody was ever known to live longer (Jeanne Calment, 122 years). */
const AGES: Range = [0, 122];

const COLUMNS: readonly Column[] = [
  column('patient', 'code', 'pseudonym of the patient', ({ patient }) => patient.patient),
  column('arm', 'code', 'assigned arm; empty where none or several are known', ({ patient }) => patient.arm),
  column('site', 'code', 'coded site', ({ patient }) => patient.site),
  column('therapist', 'code', 'coded therapist whose work is rated', ({ row }) => row?.therapist),
  column('visit', 'code', 'visit by the window of the content', ({ visit }) => visit.visit),
  column('rater', 'patient | therapist', 'who was to rate', ({ rater }) => rater),
  column(
    'state',
    'answered | without-total | not-answered | not-asked | not-due | left',
    'what became of this rating; where it is neither of the first two the cells of a rating are empty',
    ({ visit, rater }) => visit.flow[rater],
  ),
  column('day', 'days', 'from inclusion to the rating', ({ row }) => row?.day, NOT_BELOW_ZERO),
  column('total', '12–84', 'WAI-S total; empty where too little is answered', ({ row }) => row?.total, [12, 84]),
  column('task', '4–28', 'WAI-S subscale task', ({ row }) => row?.subscales.task, [4, 28]),
  column('bond', '4–28', 'WAI-S subscale bond', ({ row }) => row?.subscales.bond, [4, 28]),
  column('goal', '4–28', 'WAI-S subscale goal', ({ row }) => row?.subscales.goal, [4, 28]),
  column('answered', '0–12', 'items answered', ({ row }) => row?.answered, [0, 12]),
  column('prorated', 'true | false', 'a subscale was prorated', ({ row }) => row?.prorated),
  column('uniform', 'true | false', 'all raw answers one and the same extreme', ({ row }) => row?.uniform),
  column('language', 'code', 'language of the form', ({ row }) => row?.language),
  column('version', 'version', 'version of the instrument', ({ row }) => row?.version),
  column(
    'days_apart',
    'days',
    'between the two ratings; empty without a partner',
    ({ row }) => row?.daysApart,
    NOT_BELOW_ZERO,
  ),
  column('exposed', 'true | false', 'the rater had been shown the other’s rating before', ({ row }) => row?.exposed),
  column('age', 'completed years', 'age at inclusion', ({ patient }) => patient.ageAtInclusion, AGES),
  column(
    'baseline_distress',
    '0–10',
    'Distress Thermometer at inclusion',
    ({ patient }) => patient.baselineDistress,
    [0, 10],
  ),
  column('left', 'code', 'why the patient left', ({ patient }) => patient.left),
  column('sus', '0–100', 'System Usability Scale of the app', ({ visit }) => visit.sus, [0, 100]),
  column('vas_app', '0–100', 'satisfaction with the app', ({ visit }) => visit.vasApp, [0, 100]),
  column(
    'vas_platform',
    '0–100',
    'the rated therapist’s satisfaction with the platform, mean of all answers',
    ({ platform }) => platform,
    [0, 100],
  ),
  ...COMMUNICATION_KINDS.flatMap((kind) => [
    column(
      `${kind}_contacts`.replace('-', '_'),
      'count',
      `contacts of kind ${kind} in the window before the rating; empty where no feed tells`,
      ({ visit }) => visit.communications?.[kind]?.count,
      NOT_BELOW_ZERO,
    ),
    column(
      `${kind}_per_30_days`.replace('-', '_'),
      'per 30 days',
      `the same for each 30 days of the window; empty for an empty window`,
      ({ visit }) => visit.communications?.[kind]?.per30Days,
      NOT_BELOW_ZERO,
    ),
  ]),
];

/** The data dictionary: one line a column, in the order of the export. */
export const DICTIONARY: readonly Omit<Column, 'of'>[] = COLUMNS.map(({ of: _of, ...it }) => it);

/** Satisfaction with the platform by coded therapist. */
export type PlatformAnswers = ReadonlyMap<string, readonly number[]>;

/**
 * Lines of the export (RFC 4180, CRLF), header first, one a patient, visit and rater, answered or not. An empty cell is
 * unknown, never zero. Holds one patient at a time, so that memory does not grow with the cohort.
 */
export async function* csvLines(
  cohort: AsyncIterable<PatientRatings> | Iterable<PatientRatings>,
  platform: () => PlatformAnswers = () => new Map(),
): AsyncGenerator<string> {
  yield csvLine(COLUMNS.map((it) => it.name));
  for await (const { patient, rows } of cohort)
    for (const visit of patient.visits)
      for (const rater of RATERS) {
        const row = rows.find((it) => it.visit === visit.visit && it.rater === rater);
        const slot = { patient, visit, rater, row, platform: meanOf(platform().get(row?.therapist ?? '')) };
        yield csvLine(COLUMNS.map((it) => it.of(slot)));
      }
}

const meanOf = (values: readonly number[] = []): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, it) => sum + it, 0) / values.length;

/** One line of the export, from its cells. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellOf).join(',')}\r\n`;

/** A spreadsheet runs a text that begins so; the apostrophe makes it text (OWASP, CSV injection). */
export const asText = (value: string): string =>
  /^[=+\-@\t\r]/.test(value) && !Number.isFinite(Number(value)) ? `'${value}` : value;

function cellOf(value: Cell): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = asText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
