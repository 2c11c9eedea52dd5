import type { DataRequirement, Duration, PlanDefinitionAction, PlanDefinitionActionCondition } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import { MEASURE } from '../domain/derived-observation.ts';
import type { Comparison, DecisionPolicy, StepRule } from '../domain/protocol.ts';
import { cqlOfComparison, cqlOfLevels } from './protocol-cql.ts';
import { checkExpression, type PlacedAction } from './protocol-levels.ts';
import { extensionNamed, type Place, partsOf, refuse, within, wordsIn } from './protocol-place.ts';

const ROLE = codeSystem('role');
const COMPARATORS: ReadonlySet<string> = new Set(['>=', '>', '<=', '<']);
const isComparator = (text: string): text is Comparison['comparator'] => COMPARATORS.has(text);
const PLACEHOLDERS: ReadonlySet<string> = new Set(['{value}', '{limit}', '{date}']);

/** A rule with the place of its action and of each of its comparisons. */
export interface PlacedRule {
  readonly rule: StepRule;
  readonly place: Place;
  readonly comparisons: readonly Place[];
}

/** The rules: the actions that carry the extension `step-rule`. */
export function readRules(actions: readonly PlacedAction[], levels: ReadonlySet<string>): PlacedRule[] {
  const ids = new Set<string>();
  return actions.flatMap(({ action, place }) => {
    if (extensionNamed(action.extension, 'step-rule') === undefined) return [];
    const id = action.id ?? '';
    if (id === '' || ids.has(id)) refuse(within(place, 'id'), 'duplicate-rule', 'A rule needs an id of its own.');
    ids.add(id);
    return [readRule(action, id, place, levels)];
  });
}

function readRule(action: PlanDefinitionAction, id: string, place: Place, levels: ReadonlySet<string>): PlacedRule {
  const at = within(place, 'extension(step-rule)');
  const parts = partsOf(extensionNamed(action.extension, 'step-rule') ?? { url: '' }, at);
  const direction = parts.code('direction');
  if (direction !== 'up' && direction !== 'down')
    refuse(within(at, 'direction'), 'malformed', 'The direction is up or down.');
  const steps = readSteps(action, place, levels);
  const compared = readComparisons(action, place, (condition, at) =>
    checkExpression(condition, cqlOfLevels(steps.from), at),
  );
  if (compared.length === 0) refuse(within(place, 'condition'), 'malformed', 'A rule needs a comparison.');
  const sentence = wordsIn(action.description, action._description, within(place, 'description'));
  for (const text of new Set(Object.values(sentence).flatMap((it) => it.match(/\{[^}]*\}/g) ?? [])))
    if (!PLACEHOLDERS.has(text))
      refuse(within(place, 'description'), 'unknown-placeholder', `Nothing stands for ${text}.`);
  return {
    place,
    comparisons: compared.map((it) => it.place),
    rule: {
      id,
      direction: direction === 'down' ? 'down' : 'up',
      ...steps,
      when: compared.map((it) => it.comparison),
      order: parts.whole('order', 0),
      sentence,
      decision: readDecision(action, place),
    },
  };
}

/** From where, to where and after what stay: `after-start` of a level with its offset, `before-start` of the other. */
function readSteps(
  action: PlanDefinitionAction,
  place: Place,
  levels: ReadonlySet<string>,
): Pick<StepRule, 'from' | 'to' | 'minimumDwellDays'> {
  const at = within(place, 'relatedAction');
  const related = action.relatedAction ?? [];
  for (const it of related.filter(({ actionId }) => !levels.has(actionId)))
    refuse(at, 'unknown-level', `There is no level ${it.actionId}.`);
  const [after, before] = ['after-start', 'before-start'].map((it) => related.filter((r) => r.relationship === it));
  const to = before?.map((it) => it.actionId) ?? [];
  if (!after?.length || to.length !== 1)
    refuse(at, 'malformed', 'A rule is after-start of the levels it goes from and before-start of the one it goes to.');
  const stays = new Set((after ?? []).map((it) => (it.offsetDuration === undefined ? 0 : daysOf(it.offsetDuration))));
  const [stay] = stays;
  if (stays.size > 1 || (stays.size === 1 && stay === undefined))
    refuse(
      at,
      'malformed',
      'The offset is the least stay at the present level: one for a rule, in whole days or weeks.',
    );
  return { from: (after ?? []).map((it) => it.actionId), to: to[0] ?? '', minimumDwellDays: stay ?? 0 };
}

/** Whole days of a duration in days or weeks. */
export function daysOf({ value, code, unit }: Pick<Duration, 'value' | 'code' | 'unit'>): number | undefined {
  const factor = { d: 1, wk: 7 }[code ?? unit ?? ''];
  const days = factor === undefined ? Number.NaN : (value ?? Number.NaN) * factor;
  return Number.isInteger(days) && days >= 0 ? days : undefined;
}

/** A comparison with the place of its condition. */
export interface PlacedComparison {
  readonly comparison: Comparison;
  readonly place: Place;
}

/** The comparisons that an action’s conditions state; `other` looks at a condition that states none. */
export function readComparisons(
  action: PlanDefinitionAction,
  place: Place,
  other: (condition: PlanDefinitionActionCondition, at: Place) => void,
): PlacedComparison[] {
  const found = (action.condition ?? []).flatMap((condition, index) => {
    const at = within(place, `condition[${index}]`);
    const extension = extensionNamed(condition.extension, 'comparison');
    if (extension === undefined) {
      other(condition, at);
      return [];
    }
    const comparison = readComparison(partsOf(extension, within(at, 'extension(comparison)')), at);
    if (condition.expression !== undefined) checkExpression(condition, cqlOfComparison(comparison), at);
    return [{ comparison, place: at }];
  });
  (action.input ?? []).forEach((it, index) => {
    if (!found.some(({ comparison }) => asks(it, comparison)))
      refuse(
        within(place, `input[${index}]`),
        'input-disagrees',
        'It is not what any comparison here reads: measure, limit as many readings, dateFilter their greatest age.',
      );
  });
  return found;
}

function readComparison(parts: ReturnType<typeof partsOf>, place: Place): Comparison {
  const comparator = parts.text('comparator');
  if (!isComparator(comparator)) refuse(place, 'malformed', 'The comparator is >=, >, <= or <.');
  const component = parts.optionalCode('component');
  return {
    measure: parts.code('measure'),
    ...(component === undefined ? {} : { component }),
    comparator: isComparator(comparator) ? comparator : '>=',
    value: parts.number('value'),
    readings: parts.whole('readings', 1),
    maxAgeDays: parts.whole('max-age-days', 1),
  };
}

function asks(input: DataRequirement, { measure, readings, maxAgeDays }: Comparison): boolean {
  const codes = (input.codeFilter ?? []).flatMap((it) => it.code ?? []);
  const ages = (input.dateFilter ?? []).map((it) => daysOf(it.valueDuration ?? {}));
  return (
    input.type === 'Observation' &&
    codes.some((it) => it.system === MEASURE && it.code === measure) &&
    (input.limit === undefined || input.limit === readings) &&
    ages.every((it) => it === maxAgeDays)
  );
}

function readDecision(action: PlanDefinitionAction, place: Place): DecisionPolicy {
  const at = within(place, 'extension(decision-policy)');
  const extension = extensionNamed(action.extension, 'decision-policy');
  if (extension === undefined) refuse(at, 'malformed', 'A rule needs to say who decides, and until when.');
  const parts = partsOf(extension ?? { url: '' }, at);
  const roles = (action.participant ?? []).flatMap((it) => it.role?.coding ?? []);
  return {
    deciders: roles.flatMap((it) => (it.system === ROLE && it.code !== undefined ? [it.code] : [])),
    patientAgreementFirst: parts.boolean('patient-agreement-first'),
    decideWithinDays: parts.whole('decide-within-days', 1),
    escalateTo: parts.codes('escalate-to'),
    revokeAfterDays: parts.whole('revoke-after-days', 1),
  };
}
