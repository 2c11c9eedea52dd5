import { dayNumber } from '../domain/instant.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import type {
  ConsentPolicy,
  ConsentPurpose,
  ReliableChangeParameters,
  VisitPlan,
  VisitWindow,
} from '../domain/programme.ts';
import { addMonths } from '../domain/visit.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';

export const VISITS = 'profiles/programme/visits.json';
export const RELIABLE_CHANGE = 'profiles/programme/reliable-change.json';
export const CONSENT = 'profiles/programme/consent.json';

const NAMES: ReadonlySet<string> = new Set(['baseline', 'm3', 'm6', 'm12']);
const PURPOSES: ReadonlySet<string> = new Set<ConsentPurpose>([
  'digital-follow-up',
  'contact',
  'research',
  'alliance-release',
]);

const jsonOf = (files: readonly ContentFile[], path: string, issues: Issue[]): unknown => {
  const file = files.find((it) => it.path === path);
  if (file === undefined) issues.push(fault(path, '', 'missing-file', 'The file is missing.'));
  return file?.json;
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((it) => typeof it === 'string');
const isDays = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

/** The visits of the programme; faults where they are out of order, their bounds overlap or an instrument is unknown. */
export function readVisits(
  files: readonly ContentFile[],
  instruments: readonly Instrument[],
  issues: Issue[],
): VisitPlan {
  const json = jsonOf(files, VISITS, issues);
  const none: VisitPlan = { version: '', windows: [] };
  if (json === undefined) return none;
  if (
    !isRecord(json) ||
    typeof json.version !== 'string' ||
    !Array.isArray(json.windows) ||
    !json.windows.every(isWindow)
  ) {
    issues.push(
      fault(VISITS, '', 'malformed', 'It needs a version, and windows of visit, months, early, late and except.'),
    );
    return none;
  }
  const plan: VisitPlan = { version: json.version, windows: json.windows };
  checkOrder(plan.windows, issues);
  checkBaseline(plan.windows, instruments, issues);
  return plan;
}

function isWindow(value: unknown): value is VisitWindow {
  return (
    isRecord(value) &&
    NAMES.has(String(value.visit)) &&
    isDays(value.months) &&
    isDays(value.early) &&
    isDays(value.late) &&
    isTexts(value.except)
  );
}

function checkOrder(windows: readonly VisitWindow[], issues: Issue[]): void {
  windows.forEach((window, index) => {
    const before = windows[index - 1];
    if (before === undefined) return;
    const place = `windows[${index}]`;
    if (before.months >= window.months)
      issues.push(fault(VISITS, place, 'visits-out-of-order', `${window.visit} does not come after ${before.visit}.`));
    else if (overlap(before, window))
      issues.push(fault(VISITS, place, 'visits-overlap', `The bounds of ${before.visit} and ${window.visit} overlap.`));
  });
}

/** Whether a day belongs to both, for some day of inclusion: months differ in length, so four years of days are tried. */
function overlap(earlier: VisitWindow, later: VisitWindow): boolean {
  const first = dayNumber('2023-01-01');
  for (let day = 0; day < 1461; day += 1) {
    const inclusion = new Date((first + day) * 86_400_000).toISOString().slice(0, 10);
    const lastOfEarlier = dayNumber(addMonths(inclusion, earlier.months)) + earlier.late;
    if (lastOfEarlier >= dayNumber(addMonths(inclusion, later.months)) - later.early) return true;
  }
  return false;
}

function checkBaseline(windows: readonly VisitWindow[], instruments: readonly Instrument[], issues: Issue[]): void {
  const ids = new Set(instruments.map((it) => it.id));
  windows.forEach((window, index) => {
    for (const id of window.except.filter((it) => !ids.has(it)))
      issues.push(fault(VISITS, `windows[${index}].except`, 'unknown-instrument', `There is no instrument ${id}.`));
    if ((window.visit === 'baseline') !== (window.months === 0))
      issues.push(
        fault(
          VISITS,
          `windows[${index}].months`,
          'baseline-misplaced',
          'The baseline, and only the baseline, is at inclusion.',
        ),
      );
    if (window.visit !== 'baseline') return;
    const rated = instruments.filter((it) => it.use === 'study' && !window.except.includes(it.id));
    for (const id of new Set(rated.map((it) => it.id)))
      issues.push(
        fault(
          VISITS,
          `windows[${index}].except`,
          'baseline-for-study-instrument',
          `${id} rates what has happened since, so it has no baseline.`,
        ),
      );
  });
}

/** SD and reliability by rater and language, with their source; none ship. */
export function readReliableChange(
  files: readonly ContentFile[],
  instruments: readonly Instrument[],
  issues: Issue[],
): readonly ReliableChangeParameters[] {
  const json = jsonOf(files, RELIABLE_CHANGE, issues);
  if (json === undefined) return [];
  const list = isRecord(json) ? json.parameters : json;
  if (!Array.isArray(list)) {
    issues.push(fault(RELIABLE_CHANGE, '', 'malformed', 'It needs a list of parameters.'));
    return [];
  }
  const alliance = new Set(instruments.filter((it) => it.alliance).map((it) => it.id));
  const seen = new Set<string>();
  list.forEach((it: unknown, index) => {
    for (const [field, reason, sentence] of parameterFaults(it, alliance))
      issues.push(fault(RELIABLE_CHANGE, `parameters[${index}].${field}`, reason, sentence));
    const key = isRecord(it) ? `${String(it.instrument)}|${String(it.language)}` : '';
    if (seen.has(key))
      issues.push(fault(RELIABLE_CHANGE, `parameters[${index}]`, 'duplicate-parameters', `${key} is given twice.`));
    seen.add(key);
  });
  return list as readonly ReliableChangeParameters[];
}

function parameterFaults(
  value: unknown,
  alliance: ReadonlySet<string>,
): (readonly [field: string, reason: string, sentence: string])[] {
  if (!isRecord(value)) return [['', 'malformed', 'Parameters are an object.']];
  const found: (readonly [string, string, string])[] = [];
  if (!alliance.has(String(value.instrument)))
    found.push(['instrument', 'unknown-instrument', `There is no alliance instrument ${String(value.instrument)}.`]);
  if (typeof value.sd !== 'number' || !(value.sd > 0))
    found.push(['sd', 'out-of-range', 'The standard deviation is a number above 0, in score points.']);
  if (typeof value.reliability !== 'number' || !(value.reliability > 0 && value.reliability < 1))
    found.push(['reliability', 'out-of-range', 'Reliability lies between 0 and 1, both excluded.']);
  for (const field of ['language', 'reliabilityKind', 'population', 'source'])
    if (typeof value[field] !== 'string' || value[field] === '')
      found.push([field, 'source-missing', `Without ${field} nobody can judge the parameters.`]);
  return found;
}

/** Which purposes of consent a site requires. */
export function readConsent(files: readonly ContentFile[], issues: Issue[]): ConsentPolicy {
  const json = jsonOf(files, CONSENT, issues);
  if (json === undefined) return { required: [] };
  const required = isRecord(json) ? json.required : undefined;
  if (!isTexts(required)) {
    issues.push(fault(CONSENT, 'required', 'malformed', 'It needs the list of purposes that are required.'));
    return { required: [] };
  }
  for (const it of required.filter((purpose) => !PURPOSES.has(purpose)))
    issues.push(fault(CONSENT, 'required', 'unknown-consent-purpose', `${it} is no purpose of consent.`));
  return { required: required.filter((it): it is ConsentPurpose => PURPOSES.has(it)) };
}
