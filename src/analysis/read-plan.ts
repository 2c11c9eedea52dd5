import { COMMUNICATION_KINDS } from './cohort-data.ts';
import type { AnalysisPlan } from './plan.ts';

const VARIABLES: ReadonlySet<unknown> = new Set([
  'age',
  'sus',
  'vas-app',
  'communication',
  ...COMMUNICATION_KINDS.map((it) => `communication:${it}`),
]);

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isRater = (value: unknown): boolean => value === 'patient' || value === 'therapist';
const isCount = (value: unknown, least: number): boolean => Number.isInteger(value) && Number(value) >= least;

const isAssociation = (it: unknown): boolean =>
  isObject(it) &&
  VARIABLES.has(it.variable) &&
  isRater(it.outcome) &&
  (it.coefficient === 'spearman' || it.coefficient === 'pearson') &&
  typeof it.family === 'boolean';

/** Each rule that a plan is held to, by the path it speaks of. */
const RULES: readonly (readonly [path: string, holds: (plan: Json) => boolean, rule: string])[] = [
  ['version', (it) => isText(it.version), 'a version'],
  ['date', (it) => isText(it.date) && /^\d{4}-\d\d-\d\d$/.test(it.date), 'the day it was fixed'],
  [
    'primary',
    ({ primary: it }) =>
      isObject(it) && isRater(it.outcome) && ['average', 'interaction'].includes(String(it.contrast)),
    'an outcome (patient, therapist) and a contrast (average, interaction)',
  ],
  [
    'comparison',
    ({ comparison: it }) =>
      it === undefined || (isObject(it) && isText(it.of) && isText(it.against) && it.of !== it.against),
    'two different arms, of and against, or nothing',
  ],
  [
    'visits',
    ({ visits: it }) => Array.isArray(it) && it.length > 0 && it.every(isText) && new Set(it).size === it.length,
    'visits, none twice',
  ],
  ['level', (it) => typeof it.level === 'number' && it.level > 0.5 && it.level < 1, 'a confidence of 0.5 to 1'],
  [
    'development',
    ({ development: it }) =>
      isObject(it) && ['site', 'baselineDistress', 'age'].every((name) => typeof it[name] === 'boolean'),
    'site, baselineDistress and age, true or false',
  ],
  [
    'agreement',
    ({ agreement: it }) =>
      isObject(it) && isCount(it.bootstrap, 1) && isCount(it.minimumTherapists, 2) && isCount(it.lateDays, 0),
    'bootstrap, minimumTherapists and lateDays',
  ],
  ['associations', (it) => Array.isArray(it.associations) && it.associations.every(isAssociation), 'associations'],
  [
    'missing',
    ({ missing: it }) =>
      isObject(it) &&
      isCount(it.imputations, 50) &&
      Array.isArray(it.deltas) &&
      it.deltas[0] === 0 &&
      it.deltas.every((delta) => Number.isFinite(delta)),
    'at least 50 imputations, and deltas that begin with 0',
  ],
  ['seed', (it) => Number.isSafeInteger(it.seed), 'a whole number'],
  ['minimum', (it) => isCount(it.minimum, 2), 'a whole number of at least 2'],
];

const isPlan = (value: Json): value is Json & AnalysisPlan => RULES.every(([, holds]) => holds(value));

/** A plan, or what is wrong with it: one entry for each part that is not as it must be. */
export function readPlan(
  json: unknown,
): AnalysisPlan | { readonly faults: readonly { readonly path: string; readonly needs: string }[] } {
  if (!isObject(json)) return { faults: [{ path: '', needs: 'an object' }] };
  if (isPlan(json)) return json;
  return { faults: RULES.flatMap(([path, holds, needs]) => (holds(json) ? [] : [{ path, needs }])) };
}
