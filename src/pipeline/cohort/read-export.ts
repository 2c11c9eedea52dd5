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
 * @throws ExportError where a column is missing, a cell is no number or code of its column, or a patient comes again
 */
export async function* patientsOfExport(
  lines: AsyncIterable<ExportLine>,
  name: string,
): AsyncGenerator<ExportedPatient> {
  const seen = new Set<string>();
  let own: ExportLine[] = [];
  for await (const line of lines) {
    const [first] = own;
    if (first !== undefined && first.patient !== line.patient) {
      yield patientOf(own, name);
      own = [];
    }
    if (own.length === 0) {
      checkColumns(line, name);
      if (seen.has(line.patient ?? '')) throw new ExportError(`${name}: a patient’s lines do not stand together.`);
      seen.add(line.patient ?? '');
    }
    own.push(line);
  }
  if (own.length > 0) yield patientOf(own, name);
}

function checkColumns(line: ExportLine, name: string): void {
  const missing = DICTIONARY.filter((it) => line[it.name] === undefined).map((it) => it.name);
  if (missing.length > 0) throw new ExportError(`${name}: columns are missing: ${missing.join(', ')}.`);
}

function patientOf(own: readonly ExportLine[], name: string): ExportedPatient {
  const cells = (line: ExportLine) => cellsOf(line, name);
  const first = cells(own[0] ?? {});
  const code = first.text('patient') ?? '';
  const visits = [...Map.groupBy(own, (it) => it.visit ?? '')].map(([visit, lines]) => visitOf(visit, lines, name));
  const rated = own.filter((it) => it.state === 'answered' || it.state === 'without-total');
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
    rows: rated.map((it) => rowOf(code, cells(it))),
    platform: new Map(
      rated.flatMap((it) => {
        const [therapist, value] = [cells(it).text('therapist'), cells(it).number('vas_platform')];
        return therapist === undefined || value === undefined ? [] : [[therapist, value] as const];
      }),
    ),
  };
}

type Cells = ReturnType<typeof cellsOf>;

function cellsOf(line: ExportLine, name: string) {
  const text = (column: string): string | undefined => {
    const cell = line[column] ?? '';
    // The apostrophe that keeps a spreadsheet from running a text (csv.ts).
    return cell === '' ? undefined : cell.replace(/^'(?=[=+\-@\t\r])/, '');
  };
  const refuse = (column: string): never => {
    throw new ExportError(`${name}: column ${column} holds what its dictionary does not allow.`);
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

function visitOf(visit: string, lines: readonly ExportLine[], name: string): PatientVisit {
  const { number, refuse } = cellsOf(lines[0] ?? {}, name);
  const stateOf = (rater: Rater): AskState => {
    const state = lines.find((it) => it.rater === rater)?.state ?? '';
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
