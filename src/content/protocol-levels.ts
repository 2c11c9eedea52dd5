import type { PlanDefinitionAction, PlanDefinitionActionCondition } from 'fhir/r4.js';
import { STEPPED_CARE } from '../domain/membership.ts';
import type { Level } from '../domain/protocol.ts';
import { cqlOfLevels } from './protocol-cql.ts';
import { type Place, refuse, within, wordsIn } from './protocol-place.ts';

/** An action with its place, at whatever depth it stands. */
export interface PlacedAction {
  readonly action: PlanDefinitionAction;
  readonly place: Place;
}

/** Every action in document order, groups before what they hold. */
export const actionsIn = (actions: readonly PlanDefinitionAction[] | undefined, place: Place): PlacedAction[] =>
  (actions ?? []).flatMap((action, index) => {
    const here = within(place, `action[${index}]`);
    return [{ action, place: here }, ...actionsIn(action.action, here)];
  });

export const levelCodeOf = (action: PlanDefinitionAction): string | undefined =>
  action.code?.flatMap((it) => it.coding ?? []).find((it) => it.system === STEPPED_CARE)?.code;

/** A level with the place of its action. */
export interface PlacedLevel {
  readonly level: Level;
  readonly place: Place;
}

/** The levels, lowest first as they stand in the file; `activities` are the ActivityDefinitions at hand. */
export function readLevels(actions: readonly PlacedAction[], activities: ReadonlySet<string>): PlacedLevel[] {
  const found = actions.flatMap((it) => {
    const code = levelCodeOf(it.action);
    return code === undefined ? [] : [{ ...it, code }];
  });
  const codes = found.map((it) => it.code);
  return found.map(({ action, place, code }, index) => {
    if (codes.indexOf(code) !== index) refuse(place, 'duplicate-level', `The level ${code} stands twice.`);
    if (action.id !== code)
      refuse(within(place, 'id'), 'malformed', `The id of a level’s action is its code, ${code}: rules name it.`);
    checkConditions(action.condition, codes.slice(index), place);
    const defined = actionsIn(action.action, place).flatMap((it) => {
      const canonical = it.action.definitionCanonical;
      if (canonical !== undefined && !activities.has(canonical))
        refuse(within(it.place, 'definitionCanonical'), 'unknown-activity', `There is no activity ${canonical}.`);
      return canonical ?? [];
    });
    const title = wordsIn(action.title, action._title, within(place, 'title'));
    return { place, level: { code, rank: index + 1, title, activities: defined } };
  });
}

/** Levels are cumulative: where a condition says whom a level is for, it is that level and those above it. */
function checkConditions(
  conditions: readonly PlanDefinitionActionCondition[] | undefined,
  fromHere: readonly string[],
  place: Place,
): void {
  (conditions ?? []).forEach((it, index) => {
    checkExpression(it, cqlOfLevels(fromHere), within(place, `condition[${index}]`));
  });
}

/** A condition beside what Vincle reads must say the same, for servers that apply the protocol themselves. */
export function checkExpression(condition: PlanDefinitionActionCondition, expected: string, place: Place): void {
  const { language, expression } = condition.expression ?? {};
  if (language === 'text/cql' && expression === expected) return;
  refuse(within(place, 'expression'), 'expression-disagrees', `It must be text/cql and say: ${expected}`);
}
