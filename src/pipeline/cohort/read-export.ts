import {
  type AskState,
  COMMUNICATION_KINDS,
  type CohortRow,
  type CommunicationAmount,
  type CommunicationKind,
  type PatientVisit,
  RATERS,
  type Rater,
} from '../../analysis/cohort-data.ts';
import { DICTIONARY, type PatientRatings } from './csv.ts';

/** One line of an export, by the names of its columns. */
export type ExportLine = Readonly<Record<string, string>>;

/** An export that is not what its name and manifest say. */
export class ExportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExportError';
  }
}

const STATES: ReadonlySet<string> = new Set<AskState>([
  'answered',
  'without-total',
  'not-answered',
  'not-asked',
  'not-due',
  'left',
]);
const isState = (text: string): text is AskState => STATES.has(text);
const isRater = (text: string): text is Rater => RATERS.some((it) => it === text);

/** A patient of an export, with what the export says of the therapists’ satisfaction with the platform. */
export interface ExportedPatient extends PatientRatings {
  readonly platform: ReadonlyMap<string, number>;
}

/**
 * The patients of an export, from its lines: the lines of a patient stand together.
 * @throws ExportError where a column is missing, a cell is no number or code of its column or lies outside the range of
 *   the dictionary, or a patient comes again
 */
export async function* patientsOfExport(
  lines: AsyncIterable<ExportLine>,
  name: string,
): AsyncGenerator<ExportedPatient> {
  const seen = new Set<string>();
  let own: NumberedLine[] = [];
  // The header is line 1.
  let at = 1;
  for await (const line of lines) {
    at += 1;
    const [first] = own;
    if (first !== undefined && first.line.patient !== line.patient) {
      yield patientOf(own);
      own = [];
    }
    if (own.length === 0) {
      checkColumns(line, name);
      if (seen.has(line.patient ?? '')) throw new ExportError(`${name}: a patient’s lines do not stand together.`);
      seen.add(line.patient ?? '');
    }
    checkLine(line, `${name}, line ${at}`);
    own.push({ line, where: `${name}, line ${at}` });
  }
  if (own.length > 0) yield patientOf(own);
}

function checkColumns(line: ExportLine, name: string): void {
  const missing = DICTIONARY.filter((it) => line[it.name] === undefined).map((it) => it.name);
  if (missing.length > 0) throw new ExportError(`${name}: columns are missing: ${missing.join(', ')}.`);
}

/** A line and where it stands, as a refusal names it. */
interface NumberedLine {
  readonly line: ExportLine;
  readonly where: string;
}

const TRUE_OR_FALSE: ReadonlySet<string> = new Set(['true', 'false', '']);
const CODES: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['rater', new Set<string>(RATERS)],
  ['state', STATES],
  ...['prorated', 'uniform', 'exposed'].map((it) => [it, TRUE_OR_FALSE] as const),
];

/** Names line, column and range; never the value, which is a patient’s. */
function checkLine(line: ExportLine, where: string): void {
  for (const { name: column, range } of DICTIONARY) {
    const cell = line[column] ?? '';
    if (range === undefined || cell === '') continue;
    const [low, high] = range;
    // A cell of spaces would be a zero.
    const value = cell.trim() === '' ? Number.NaN : Number(cell);
    if (Number.isFinite(value) && value >= low && (high === undefined || value <= high)) continue;
    const allowed = high === undefined ? `a number, ${low} or more` : `a number from ${low} to ${high}`;
    throw new ExportError(`${where}: column ${column} holds no value of its dictionary (${allowed}).`);
  }
  for (const [column, codes] of CODES)
    if (!codes.has(line[column] ?? ''))
      throw new ExportError(`${where}: column ${column} holds what its dictionary does not allow.`);
}

function patientOf(own: readonly NumberedLine[]): ExportedPatient {
  const first = cellsOf(own[0] ?? { line: {}, where: '' });
  const code = first.text('patient') ?? '';
  const visits = [...Map.groupBy(own, (it) => it.line.visit ?? '')].map(([visit, lines]) => visitOf(visit, lines));
  const rated = own.filter(({ line }) => line.state === 'answered' || line.state === 'without-total').map(cellsOf);
  return {
    patient: {
      patient: code,
      arm: first.text('arm'),
      site: first.text('site') ?? '',
      ageAtInclusion: first.number('age'),
      baselineDistress: first.number('baseline_distress'),
      left: first.text('left'),
      visits,
    },
    rows: rated.map((it) => rowOf(code, it)),
    platform: new Map(
      rated.flatMap((it) => {
        const [therapist, value] = [it.text('therapist'), it.number('vas_platform')];
        return therapist === undefined || value === undefined ? [] : [[therapist, value] as const];
      }),
    ),
  };
}

type Cells = ReturnType<typeof cellsOf>;

function cellsOf({ line, where }: NumberedLine) {
  const text = (column: string): string | undefined => {
    const cell = line[column] ?? '';
    // The apostrophe that keeps a spreadsheet from running a text (csv.ts).
    return cell === '' ? undefined : cell.replace(/^'(?=[=+\-@\t\r])/, '');
  };
  const refuse = (column: string): never => {
    throw new ExportError(`${where}: column ${column} holds what its dictionary does not allow.`);
  };
  const number = (column: string): number | undefined => {
    const cell = line[column] ?? '';
    if (cell === '') return undefined;
    const value = Number(cell);
    return Number.isFinite(value) ? value : refuse(column);
  };
  return { text, number, refuse, is: (column: string): boolean => line[column] === 'true' };
}

function rowOf(patient: string, { text, number, is, refuse }: Cells): CohortRow {
  const rater = text('rater') ?? '';
  return {
    patient,
    therapist: text('therapist'),
    visit: text('visit') ?? '',
    rater: isRater(rater) ? rater : refuse('rater'),
    day: number('day'),
    total: number('total'),
    subscales: { task: number('task'), bond: number('bond'), goal: number('goal') },
    answered: number('answered'),
    prorated: is('prorated'),
    uniform: is('uniform'),
    language: text('language'),
    version: text('version'),
    daysApart: number('days_apart'),
    exposed: is('exposed'),
  };
}

function visitOf(visit: string, lines: readonly NumberedLine[]): PatientVisit {
  const { number, refuse } = cellsOf(lines[0] ?? { line: {}, where: '' });
  const stateOf = (rater: Rater): AskState => {
    const state = lines.find(({ line }) => line.rater === rater)?.line.state ?? '';
    return isState(state) ? state : refuse('state');
  };
  const amount = (kind: CommunicationKind): CommunicationAmount | undefined => {
    const column = kind.replace('-', '_');
    const count = number(`${column}_contacts`);
    return count === undefined ? undefined : { count, per30Days: number(`${column}_per_30_days`) };
  };
  const [message, call, video, inPerson, group] = COMMUNICATION_KINDS.map(amount);
  const known = [message, call, video, inPerson, group].some((it) => it !== undefined);
  return {
    visit,
    sus: number('sus'),
    vasApp: number('vas_app'),
    communications: known ? { message, call, video, 'in-person': inPerson, group } : undefined,
    flow: { patient: stateOf('patient'), therapist: stateOf('therapist') },
  };
}
