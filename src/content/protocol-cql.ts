import { MEASURE } from '../domain/derived-observation.ts';
import { STEPPED_CARE } from '../domain/membership.ts';
import type { Comparison, LevelCode } from '../domain/protocol.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const coded = (element: string, system: string, codes: readonly string[]): string =>
  `exists (${element}.coding C where C.system.value = ${quoted(system)} and C.code.value in { ${codes.map(quoted).join(', ')} })`;

const valueIn = (component: string | undefined): string =>
  component === undefined
    ? '(O.value as FHIR.Quantity).value.value'
    : `(First(O.component P where ${coded('P.code', MEASURE, [component])}).value as FHIR.Quantity).value.value`;

/**
 * What a comparison says, as an expression of Clinical Quality Language over the patient's own Observations, for servers
 * that apply the PlanDefinition themselves: the newest readings asked for are recent enough and all meet it.
 */
export function cqlOfComparison({ measure, component, comparator, value, readings, maxAgeDays }: Comparison): string {
  const number = valueIn(component);
  const all = [
    '[Observation] O',
    `where ${coded('O.code', MEASURE, [measure])}`,
    "and O.status.value in { 'final', 'amended' }",
    "and not exists (O.meta.tag G where G.code.value = 'not-counted')",
    `and ${number} is not null`,
    `return all Tuple { dated: date from (O.effective as FHIR.dateTime).value, score: ${number} }`,
    'sort by dated desc',
  ].join(' ');
  return `Count((Take((${all}), ${readings})) R where R.score ${comparator} ${value.toFixed(Number.isInteger(value) ? 1 : 6)} and R.dated >= Today() - ${maxAgeDays} days) >= ${readings}`;
}

/** That the patient's plan in force is at one of some levels. */
export const cqlOfLevels = (levels: readonly LevelCode[]): string =>
  `exists ([CarePlan] P where P.status.value = 'active' and P.intent.value = 'plan' and exists (P.category K where ${coded('K', STEPPED_CARE, levels)}))`;
