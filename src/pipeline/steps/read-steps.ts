import type { CarePlan, Task } from 'fhir/r4.js';
import { treating } from '../../domain/care.ts';
import {
  type EvidenceThen,
  evidenceOf,
  levelOf,
  marksOf,
  type Position,
  positionsOf,
  ruleOf,
} from '../../domain/care-plan.ts';
import { localDate } from '../../domain/instant.ts';
import { allianceMeasures } from '../../domain/overview.ts';
import type { LevelCode } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import type { Chart } from '../../domain/step-chart.ts';
import { amendedPlans, openProposals, stepTasksOf } from '../../domain/step-queries.ts';
import { escalatedMs, isDecideTask } from '../../domain/step-tasks.ts';
import { type Stepping, stepping } from '../../domain/stepping.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { personOf } from './held-person.ts';
import { inputOf } from './propose.ts';
import { stepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';

/** A proposal that waits, as a worklist shows it. References only: no name. */
export interface WaitingProposal {
  readonly id: string;
  readonly patient: string;
  readonly to: LevelCode | undefined;
  readonly rule: string | undefined;
  readonly version: string | undefined;
  readonly proposedAt: string | undefined;
  readonly decideBy: string | undefined;
  readonly owner: string | undefined;
  readonly escalatedAt: string | undefined;
  /** In English; the CarePlan has it in Spanish and Catalan too. */
  readonly sentence: string | undefined;
  readonly evidence: readonly EvidenceThen[];
  readonly positions: readonly Position[];
}

/** A rule of the site’s protocol reads alliance ratings: whoever asks is told neither what holds nor why. */
export interface Withheld {
  readonly kind: 'withheld';
}

/** Stepped care of one course as it is now. */
export interface CourseNow {
  readonly episode: string | undefined;
  /** `CarePlan/…` in force. */
  readonly plan: string;
  readonly level: LevelCode | undefined;
  readonly since: string | undefined;
  /** What the rules say now; overdue, waiting and cannot-decide are answers, and none of them means well. */
  readonly outcome: Stepping | Withheld;
  readonly waiting: readonly WaitingProposal[];
  /** Observations that were amended after the plan in force rested on them. */
  readonly restedOnAmended: readonly string[];
  readonly positions: readonly Position[];
}

/** What a caller may be told of a patient’s steps; `undefined` where `by` does not care for the patient today. */
export async function readSteps(
  ports: AlliancePorts,
  patient: string,
  nowMs: number,
  by?: string,
): Promise<readonly CourseNow[] | undefined> {
  const context = stepContext(ports.context, nowMs);
  const record = await personOf(ports, patient);
  const today = localDate(nowMs, context.settings.timeZone);
  if (by !== undefined && !treating(record, today, record.roles, context.settings).includes(by)) return undefined;
  const ledger = new StepLedger(record, context);
  const courses = ledger.charts().flatMap((chart) => courseNow(chart, ledger, context) ?? []);
  if (by === undefined) return courses;
  const alliance = allianceMeasures(ports.context.content.instruments);
  const reads = context.protocol.rules.some((rule) => rule.when.some((it) => alliance.has(it.measure)));
  return reads ? courses.map(withoutReasons) : courses;
}

/** As on the page of a rater: that something is proposed, and what; not from which answers. */
const withoutReasons = (course: CourseNow): CourseNow => ({
  ...course,
  outcome: { kind: 'withheld' },
  waiting: course.waiting.map((it) => ({ ...it, sentence: undefined, evidence: [] })),
  restedOnAmended: [],
});

function courseNow(chart: Chart, ledger: StepLedger, context: ReturnType<typeof stepContext>): CourseNow | undefined {
  const { baseUrl } = context.settings;
  const input = inputOf(ledger, chart, context);
  const { present } = chart;
  if (input === undefined || present === undefined) return undefined;
  return {
    episode: chart.episode,
    plan: `CarePlan/${present.id}`,
    level: levelOf(present),
    since: present.period?.start,
    outcome: stepping(input),
    waiting: chart.open.map((it) => waitingProposal(it, ledger.record.tasks, baseUrl)),
    restedOnAmended: marksOf(present, baseUrl),
    positions: positionsOf(present, baseUrl),
  };
}

function waitingProposal(proposal: CarePlan, tasks: readonly Task[], baseUrl: string): WaitingProposal {
  const task = tasks.find((it) => isDecideTask(it) && literal(it.focus, baseUrl) === `CarePlan/${proposal.id}`);
  const rule = ruleOf(proposal);
  const escalated = task === undefined ? undefined : escalatedMs(task);
  return {
    id: proposal.id ?? '',
    patient: literal(proposal.subject, baseUrl) ?? '',
    to: levelOf(proposal),
    rule: rule?.action,
    version: rule?.version,
    proposedAt: proposal.created,
    decideBy: task?.restriction?.period?.end,
    owner: literal(task?.owner, baseUrl),
    escalatedAt: escalated === undefined ? undefined : new Date(escalated).toISOString(),
    sentence: proposal.description,
    evidence: evidenceOf(proposal, baseUrl),
    positions: positionsOf(proposal, baseUrl),
  };
}

/** A plan in force whose decision rested on an answer that was amended or withdrawn since. */
export interface RestsOnAmended {
  readonly plan: string;
  readonly patient: string;
  readonly level: LevelCode | undefined;
  /** `Observation/…` */
  readonly observations: readonly string[];
}

/** What waits for clinicians: proposals, the one due first first, and decisions to look at again. */
export interface StepWorklist {
  readonly proposals: readonly WaitingProposal[];
  readonly restedOnAmended: readonly RestsOnAmended[];
}

const CHUNK = 100;

/** Everything about steps that waits for anybody. */
export async function listProposals({ server, context }: AlliancePorts): Promise<StepWorklist> {
  const { baseUrl } = context.settings;
  const [page, amended] = await ask(server, [openProposals(), amendedPlans()]);
  const proposals = resourcesOf(page, 'CarePlan').filter((it) => it.status === 'draft' && ruleOf(it) !== undefined);
  const patients = [...new Set(proposals.flatMap((it) => literal(it.subject, baseUrl) ?? []))];
  const tasks: Task[] = [];
  for (let start = 0; start < patients.length; start += CHUNK) {
    const [found] = await ask(server, [stepTasksOf(patients.slice(start, start + CHUNK))]);
    tasks.push(...resourcesOf(found, 'Task'));
  }
  const marked = resourcesOf(amended, 'CarePlan').filter((it) => it.status === 'active' && it.intent === 'plan');
  return {
    proposals: proposals
      .map((it) => waitingProposal(it, tasks, baseUrl))
      .sort((a, b) => (a.decideBy ?? '').localeCompare(b.decideBy ?? '')),
    restedOnAmended: marked.flatMap((it): RestsOnAmended[] => {
      const observations = marksOf(it, baseUrl);
      const patient = literal(it.subject, baseUrl) ?? '';
      return observations.length === 0
        ? []
        : [{ plan: `CarePlan/${it.id}`, patient, level: levelOf(it), observations }];
    }),
  };
}
