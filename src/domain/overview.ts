import type { CarePlan, Element, Task } from 'fhir/r4.js';
import { evidenceOf, levelOf, marksOf, positionsOf, type RuleNamed, ruleOf } from './care-plan.ts';
import { daysApart, localDate, readAuthored } from './instant.ts';
import type { Instrument } from './instrument.ts';
import type { ProgrammeSettings } from './patient-record.ts';
import type { Protocol, Words } from './protocol.ts';
import { isExpired, isQuestionnaireTask } from './questionnaire-task.ts';
import { literal } from './reference.ts';
import { isOpen } from './review-task.ts';
import { isSafetyTask, stateOf } from './safety-sign.ts';
import { type Chart, chartsOf } from './step-chart.ts';
import type { Moment } from './step-readings.ts';
import { barredFrom, type StepRecord } from './step-record.ts';
import { escalatedMs, isDecideTask } from './step-tasks.ts';
import { type Overdue, overdueScreening } from './stepping.ts';

/** Everything one look at a patient is derived from. */
export interface OverviewInput {
  readonly record: StepRecord;
  /** Questionnaire Tasks and safety reviews of the patient. */
  readonly tasks: readonly Task[];
  /** `Practitioner/…` of the person who looks; absent where the role behind a reference is unknown. */
  readonly viewer: string | undefined;
  readonly protocol: Protocol;
  /** Usual care has no levels, no proposal and no screening of its own. */
  readonly hasLevels: boolean;
  readonly instruments: readonly Instrument[];
  readonly settings: ProgrammeSettings;
  readonly moment: Moment;
}

/** The level in force. */
export interface LevelNow {
  readonly code: string;
  readonly title: Words;
  /** Local date. */
  readonly since: string | undefined;
  /** `CarePlan/…` */
  readonly plan: string;
  /** An answer that the plan rests on was amended since. */
  readonly restedOnAmended: boolean;
}

/** A proposed step that waits for a clinician. */
export interface OpenProposal {
  readonly plan: CarePlan;
  readonly title: Words;
  readonly direction: 'up' | 'down';
  readonly rule: RuleNamed;
  /** The rule’s sentence with its evidence; absent where it rests on ratings that the viewer may not see. */
  readonly sentence: Words | undefined;
  /** Codes of the measures it rests on. */
  readonly measures: readonly string[];
  /** An instant. */
  readonly decideBy: string | undefined;
  readonly escalated: boolean;
  /** Reference of whoever is asked. */
  readonly owner: string | undefined;
  /** The viewer may decide, by the protocol and by the patient’s care team. */
  readonly mayDecide: boolean;
  readonly agreementMissing: boolean;
}

/** A rating that was not given in time. */
export interface OverdueRating {
  readonly instrument: string;
  readonly rater: 'patient' | 'therapist';
  /** Local dates on which its window opened and closed. */
  readonly asked: string;
  readonly due: string;
  readonly daysLate: number;
  readonly expired: boolean;
}

/** That a sign of danger is open, and with whom; never what was answered. */
export interface SignNow {
  readonly task: string;
  readonly takenUp: boolean;
  readonly raisedAt: string | undefined;
  readonly respondBy: string | undefined;
  readonly owner: string | undefined;
}

/** What a clinician needs of one patient at a moment, the alliance apart. */
export interface Overview {
  readonly level: LevelNow | undefined;
  readonly proposal: OpenProposal | undefined;
  readonly screening: Overdue | undefined;
  readonly ratings: readonly OverdueRating[];
  readonly signs: readonly SignNow[];
}

/** The course that goes on now; of several the one that began last. */
const courseOf = ({ record, settings }: OverviewInput): Chart | undefined =>
  chartsOf(record, settings.baseUrl)
    .filter((it) => it.present !== undefined)
    .sort((a, b) => (b.enrolledMs ?? 0) - (a.enrolledMs ?? 0))[0];

/**
 * The state of care of one patient as a person may be told it. `mayRate` says whether alliance ratings may be named to
 * the viewer: a proposal that rests on one is shown without its reason to anybody else.
 */
export function overviewOf(input: OverviewInput, mayRate: boolean): Overview {
  const chart = input.hasLevels ? courseOf(input) : undefined;
  return {
    level: chart === undefined ? undefined : levelNow(chart, input),
    proposal: chart === undefined ? undefined : openProposal(chart, input, mayRate),
    screening: chart === undefined ? undefined : overdueNow(chart, input),
    ratings: overdueRatings(input),
    signs: input.tasks
      .filter((it) => isSafetyTask(it) && stateOf(it) !== 'closed')
      .map((it) => signNow(it))
      .sort((a, b) => (a.raisedAt ?? '').localeCompare(b.raisedAt ?? '')),
  };
}

const same = (text: string): Words => ({ en: text, es: text, ca: text });
const titleOf = (code: string, { protocol }: OverviewInput): Words =>
  protocol.levels.find((it) => it.code === code)?.title ?? same(code);

function levelNow({ present }: Chart, input: OverviewInput): LevelNow | undefined {
  const code = present === undefined ? undefined : levelOf(present);
  if (present === undefined || code === undefined) return undefined;
  return {
    code,
    title: titleOf(code, input),
    since: readAuthored(present.period?.start, input.settings.timeZone)?.date,
    plan: `CarePlan/${present.id}`,
    restedOnAmended: marksOf(present, input.settings.baseUrl).length > 0,
  };
}

const overdueNow = (chart: Chart, { protocol, record, moment }: OverviewInput): Overdue | undefined =>
  overdueScreening({ protocol, observations: record.derived, enrolledMs: chart.enrolledMs ?? moment.nowMs, moment });

/** Codes of every Observation that tells how somebody rated the alliance. */
export const allianceMeasures = (instruments: readonly Instrument[]): ReadonlySet<string> =>
  new Set(['wai-s-dyad', ...instruments.filter((it) => it.alliance).flatMap((it) => [it.id, `${it.id}-change`])]);

function openProposal(chart: Chart, input: OverviewInput, mayRate: boolean): OpenProposal | undefined {
  const plan = chart.open[0];
  const [rule, to] = plan === undefined ? [] : [ruleOf(plan), levelOf(plan)];
  if (plan === undefined || rule === undefined || to === undefined) return undefined;
  const { record, protocol, settings, moment, viewer } = input;
  const evidence = evidenceOf(plan, settings.baseUrl);
  const alliance = allianceMeasures(input.instruments);
  // Evidence that cannot be read may be anything: it is treated as a rating.
  const restsOnRating =
    evidence.length < (plan.supportingInfo?.length ?? 0) || evidence.some((it) => alliance.has(it.measure));
  const named = protocol.rules.find((it) => it.id === rule.action);
  const task = input.record.tasks.find(
    (it) => isDecideTask(it) && literal(it.focus, settings.baseUrl) === `CarePlan/${plan.id}`,
  );
  return {
    plan,
    rule,
    title: titleOf(to, input),
    direction: named?.direction ?? 'up',
    sentence: restsOnRating && !mayRate ? undefined : wordsIn(plan.description, plan._description),
    measures: [...new Set(evidence.map((it) => it.measure))],
    decideBy: task?.restriction?.period?.end,
    escalated: task !== undefined && escalatedMs(task) !== undefined,
    owner: literal(task?.owner, settings.baseUrl),
    mayDecide:
      viewer !== undefined &&
      named !== undefined &&
      barredFrom(record, viewer, named.decision.deciders, moment, settings) === undefined,
    agreementMissing:
      named?.decision.patientAgreementFirst === true && positionsOf(plan, settings.baseUrl).at(-1)?.kind !== 'agreed',
  };
}

/** A text with the translations that Vincle writes beside it; English where one is missing. */
export function wordsIn(text: string | undefined, element: Element | undefined): Words | undefined {
  if (text === undefined) return undefined;
  const content = new Map(
    (element?.extension ?? []).flatMap((it): [string, string][] => {
      const parts = it.extension ?? [];
      const language = parts.find((part) => part.url === 'lang' || part.url === 'language');
      const words = parts.find((part) => part.url === 'content')?.valueString;
      const code = language?.valueCode ?? language?.valueString;
      return code === undefined || words === undefined ? [] : [[code, words]];
    }),
  );
  return { en: text, es: content.get('es') ?? text, ca: content.get('ca') ?? text };
}

/** A form whose window closed unanswered stays worth saying for so long. */
const EXPIRED_SHOWN_DAYS = 30;

/** Forms that were asked for and not answered in time, the newest of each instrument and rater, the latest first. */
function overdueRatings({ tasks, instruments, moment, settings }: OverviewInput): OverdueRating[] {
  const today = localDate(moment.nowMs, moment.zone);
  const newest = new Map<string, OverdueRating>();
  for (const task of tasks) {
    if (!isQuestionnaireTask(task)) continue;
    const { start, end } = task.restriction?.period ?? {};
    const canonical = task.input?.find((it) => it.valueCanonical !== undefined)?.valueCanonical?.split('|')[0];
    const instrument = instruments.find((it) => it.url === canonical);
    if (instrument === undefined || start === undefined || end === undefined) continue;
    const expired = isExpired(task);
    if ((!isOpen(task) && !expired) || !(Date.parse(end) < moment.nowMs)) continue;
    const [asked, due] = [start, end].map((it) => localDate(Date.parse(it), settings.timeZone)) as [string, string];
    const daysLate = daysApart(due, today);
    if (expired && daysLate > EXPIRED_SHOWN_DAYS) continue;
    const known = newest.get(instrument.id);
    if (known === undefined || known.due < due)
      newest.set(instrument.id, { instrument: instrument.id, rater: instrument.rater, asked, due, daysLate, expired });
  }
  return [...newest.values()].sort((a, b) => b.daysLate - a.daysLate || a.instrument.localeCompare(b.instrument));
}

const signNow = (task: Task): SignNow => ({
  task: task.id ?? '',
  takenUp: stateOf(task) === 'acknowledged',
  raisedAt: task.authoredOn,
  respondBy: task.restriction?.period?.end,
  owner: task.owner?.reference ?? task.owner?.display,
});
