import type { Instrument } from '../domain/instrument.ts';
import type { Comparison, ScheduledForm, StepRule } from '../domain/protocol.ts';
import type { PlacedLevel } from './protocol-levels.ts';
import { type Place, refuse, within } from './protocol-place.ts';
import { canHoldAtOnce, covers, meet, producedBy, rangeOf, sameMeasure } from './protocol-range.ts';
import type { PlacedRule } from './protocol-rules.ts';
import type { PlacedSchedule } from './protocol-schedule.ts';

/** What the rules of a protocol are held against. */
export interface Setting {
  readonly levels: readonly PlacedLevel[];
  readonly rules: readonly PlacedRule[];
  readonly schedules: readonly PlacedSchedule[];
  readonly instruments: readonly Instrument[];
  readonly roles: ReadonlySet<string>;
  readonly askedElsewhere: ReadonlySet<string>;
}

/** Everything in which rules contradict themselves, each other, the levels or what patients are asked. */
export function checkRules(setting: Setting, place: Place): void {
  const { rules } = setting;
  const asked = setting.schedules.flatMap((it) => (it.schedule.levels === false ? [] : it.schedule.forms));
  for (const it of rules) {
    checkDirection(it, setting.levels);
    checkDecision(it, setting.roles);
    it.rule.when.forEach((comparison, index) => {
      checkComparison(comparison, it.comparisons[index] ?? it.place, setting, asked);
    });
  }
  rules.forEach((later, index) => {
    for (const earlier of rules.slice(0, index)) checkPair(earlier.rule, later);
  });
  for (const down of rules.filter((it) => it.rule.direction === 'down'))
    for (const up of rules) if (up.rule.direction === 'up') checkHysteresis(up.rule, down);
  const heard = rules.filter((it) => !isNeverHeard(it, rules));
  checkReach(setting.levels, heard, place);
}

function checkDirection({ rule, place }: PlacedRule, levels: readonly PlacedLevel[]): void {
  const rank = (code: string): number => levels.find((it) => it.level.code === code)?.level.rank ?? Number.NaN;
  for (const from of rule.from) {
    const rises = rank(rule.to) - rank(from);
    if (rises === 0 || (rises > 0 && rule.direction === 'down') || (rises < 0 && rule.direction === 'up'))
      refuse(place, 'wrong-direction', `${rule.id} goes ${rule.direction} and leads from ${from} to ${rule.to}.`);
  }
}

function checkDecision({ rule, place }: PlacedRule, roles: ReadonlySet<string>): void {
  const { deciders, escalateTo, decideWithinDays, revokeAfterDays } = rule.decision;
  const policy = within(place, 'extension(decision-policy)');
  if (deciders.length === 0)
    refuse(within(place, 'participant'), 'malformed', 'participant.role names who may decide, of CodeSystem/role.');
  if (escalateTo.length === 0)
    refuse(within(policy, 'escalate-to'), 'malformed', 'Somebody must be told when nobody decides.');
  for (const it of deciders.filter((role) => !roles.has(role)))
    refuse(within(place, 'participant'), 'unknown-role', `CodeSystem/role has no code ${it}.`);
  for (const it of escalateTo.filter((role) => !roles.has(role)))
    refuse(within(policy, 'escalate-to'), 'unknown-role', `CodeSystem/role has no code ${it}.`);
  if (revokeAfterDays <= decideWithinDays)
    refuse(
      within(policy, 'revoke-after-days'),
      'revoked-before-escalated',
      `Revoked after ${revokeAfterDays} days and passed on after ${decideWithinDays}: nobody would be told first.`,
    );
}

/** A comparison that says something: of what is measured here, within its range, and asked of those it is about. */
export function checkComparison(
  it: Comparison,
  place: Place,
  setting: Pick<Setting, 'instruments' | 'askedElsewhere'>,
  forms: readonly ScheduledForm[],
): void {
  const produced = producedBy(it, setting.instruments);
  const name = it.component === undefined ? it.measure : `${it.measure} ${it.component}`;
  if (produced === undefined) {
    refuse(place, 'unknown-measure', `Nothing produces ${name}.`);
    return;
  }
  const possible = { low: produced.low, high: produced.high, withLow: true, withHigh: true };
  if (Number.isNaN(it.value) || !meet(rangeOf(it), possible) || covers(rangeOf(it), possible))
    refuse(
      place,
      'out-of-range',
      `${name} lies between ${produced.low} and ${produced.high}: ${it.comparator} ${it.value} holds always or never.`,
    );
  if (!setting.askedElsewhere.has(it.measure)) checkAsked(it, produced.asked, place, forms);
}

/** A rule can only speak of what somebody with a level of care is asked, as often as it wants. */
function checkAsked(
  { measure, readings, maxAgeDays }: Comparison,
  asked: readonly string[],
  place: Place,
  forms: readonly ScheduledForm[],
): void {
  const missing = asked.filter((id) => !forms.some((it) => it.instrument === id));
  for (const id of missing)
    refuse(place, 'never-asked', `No schedule asks for ${id}; if others do, name ${measure} as asked-elsewhere.`);
  const [only] = asked;
  const own = forms.filter((it) => it.instrument === only).map((it) => it.timing);
  const tooSeldom = own.every(
    (it) => it.kind === 'interval' && (readings - 1) * it.everyDays - it.windowDays > maxAgeDays,
  );
  if (missing.length === 0 && asked.length === 1 && tooSeldom)
    refuse(place, 'asked-too-seldom', `${readings} readings of ${measure} never fall within ${maxAgeDays} days.`);
}

function checkPair(earlier: StepRule, { rule, place }: PlacedRule): void {
  const shared = rule.from.filter((it) => earlier.from.includes(it));
  if (shared.length > 0 && rule.order === earlier.order && canHoldAtOnce(earlier, rule))
    refuse(
      within(place, 'extension(step-rule).order'),
      'rules-without-order',
      `${earlier.id} and ${rule.id} can hold at once at ${shared.join(', ')}, and have the same order.`,
    );
}

/** A patient whose answers stay the same must not be moved up and down for ever. */
function checkHysteresis(up: StepRule, { rule: down, place }: PlacedRule): void {
  if (!up.from.includes(down.to) || !down.from.includes(up.to)) return;
  if (canHoldAtOnce(up, down)) {
    refuse(
      place,
      'steps-in-a-circle',
      `One and the same answer meets ${up.id} at ${down.to} and ${down.id} at ${up.to}.`,
    );
    return;
  }
  const apart = up.when.some((a) =>
    down.when.some(
      (b) => sameMeasure(a, b) && !meet(rangeOf(a), rangeOf(b)) && (a.value !== b.value || b.readings > 1),
    ),
  );
  if (!apart)
    refuse(
      place,
      'no-hysteresis',
      `${up.id} and ${down.id} have one limit: leave a gap between them, or let the step down need more than one reading.`,
    );
}

/** Whether another rule always speaks in its place: broader, and before it. */
function isNeverHeard({ rule, place }: PlacedRule, rules: readonly PlacedRule[]): boolean {
  const before = rules.find(
    ({ rule: other }) => other !== rule && rule.from.every((it) => other.from.includes(it)) && speaksFirst(other, rule),
  );
  if (before !== undefined)
    refuse(place, 'rule-never-heard', `Whenever ${rule.id} holds, ${before.rule.id} is proposed in its place.`);
  return before !== undefined;
}

function speaksFirst(other: StepRule, rule: StepRule): boolean {
  const implied = other.when.every((broad) =>
    rule.when.some(
      (it) =>
        sameMeasure(it, broad) &&
        covers(rangeOf(broad), rangeOf(it)) &&
        broad.readings <= it.readings &&
        broad.maxAgeDays >= it.maxAgeDays,
    ),
  );
  if (!implied) return false;
  if (other.direction === 'up' && rule.direction === 'down') return true;
  return (
    other.direction === rule.direction && other.order < rule.order && other.minimumDwellDays <= rule.minimumDwellDays
  );
}

/** Every level is reached from the lowest, and none keeps a patient for ever. */
function checkReach(levels: readonly PlacedLevel[], rules: readonly PlacedRule[], place: Place): void {
  const [lowest] = levels;
  if (lowest === undefined) {
    refuse(place, 'malformed', 'A protocol has levels: actions whose code is of CodeSystem/stepped-care-level.');
    return;
  }
  const reached = new Set([lowest.level.code]);
  for (const _round of levels)
    for (const { rule } of rules) if (rule.from.some((it) => reached.has(it))) reached.add(rule.to);
  for (const { level, place: at } of levels) {
    if (!reached.has(level.code))
      refuse(at, 'level-not-reached', `No rule leads to ${level.code} from ${lowest.level.code}.`);
    if (levels.length > 1 && !rules.some(({ rule }) => rule.from.includes(level.code)))
      refuse(at, 'level-not-left', `No rule leads out of ${level.code}.`);
  }
}
