import type { CarePlan } from 'fhir/r4.js';
import { codeSystem } from '../canonicals.ts';
import { decisionOf, evidenceOf, levelOf, marksOf, statusReasonOf } from '../care-plan.ts';
import { readAuthored } from '../instant.ts';
import { allianceMeasures, wordsIn } from '../overview.ts';
import { tellsAll } from '../overview-alliance.ts';
import type { Level, Words } from '../protocol.ts';
import { type Chart, chartsOf, replacedBy } from '../step-chart.ts';
import type { EvidenceView, LevelStayView, PastProposalView, PatientView, ProposalView } from '../view/patient-view.ts';
import { withoutAbsent } from './alliance-page.ts';
import { named, type PageInput, responseOf } from './page-input.ts';

const MEASURES = codeSystem('measure');

const levelNamed = (code: string, { look }: PageInput): Pick<Level, 'rank' | 'title'> =>
  look.protocol.levels.find((it) => it.code === code) ?? { rank: 0, title: { en: code, es: code, ca: code } };

/** What a CarePlan rested on when it was made; ratings of the alliance only to whom they are released. */
function evidenceView(plan: CarePlan, input: PageInput): readonly EvidenceView[] {
  const { look, release } = input;
  const kept = tellsAll(look, release) ? new Set<string>() : allianceMeasures(look.instruments);
  return evidenceOf(plan, look.settings.baseUrl)
    .filter((it) => !kept.has(it.measure))
    .map((it) => {
      const observation = look.record.derived.find((one) => `Observation/${one.id}` === it.observation);
      const form = look.instruments.find((one) => one.id === it.measure);
      return {
        measure: it.measure,
        title: input.say(MEASURES, it.component ?? it.measure),
        value: it.value,
        date: readAuthored(it.effective, look.settings.timeZone)?.date ?? it.effective.slice(0, 10),
        ...withoutAbsent({
          of: form?.keys.find((one) => one.measure === (it.component ?? 'total'))?.high,
          responseId: observation === undefined ? undefined : responseOf(observation, look.settings.baseUrl),
        }),
      };
    });
}

/** Whether every part of what it rests on may be told. */
const restsOnKept = (plan: CarePlan, input: PageInput): boolean =>
  evidenceView(plan, input).length < (plan.supportingInfo?.length ?? 0);

const sentenceOf = (plan: CarePlan, input: PageInput): Words | undefined =>
  restsOnKept(plan, input) ? undefined : wordsIn(plan.description, plan._description);

/** The proposal that waits, with what it would change. */
export function proposalOf(input: PageInput, activity: (canonical: string) => Words): ProposalView | undefined {
  const { proposal } = input.overview;
  const to = proposal === undefined ? undefined : levelOf(proposal.plan);
  if (proposal === undefined || to === undefined) return undefined;
  const { levels } = input.look.protocol;
  const now = levels.find((it) => it.code === input.overview.level?.code);
  const next = levels.find((it) => it.code === to);
  const [before, after] = [cumulative(now, levels), cumulative(next, levels)];
  return {
    id: proposal.plan.id ?? '',
    direction: proposal.direction,
    to: { code: to, ...levelOfCode(to, input) },
    rule: { canonical: proposal.rule.canonical, action: proposal.rule.action },
    evidence: evidenceView(proposal.plan, input),
    adds: after.filter((it) => !before.includes(it)).map(activity),
    ends: before.filter((it) => !after.includes(it)).map(activity),
    escalated: proposal.escalated,
    mayDecide: proposal.mayDecide,
    agreementMissing: proposal.agreementMissing,
    ...withoutAbsent({
      sentence: proposal.sentence,
      decideBy: proposal.decideBy,
      owner: named(proposal.owner, input),
    }),
  };
}

const levelOfCode = (code: string, input: PageInput) => {
  const { rank, title } = levelNamed(code, input);
  return { rank, title };
};

/** Activities of a level with those of the levels below it: levels are cumulative. */
const cumulative = (level: Level | undefined, levels: readonly Level[]): string[] =>
  level === undefined ? [] : levels.filter((it) => it.rank <= level.rank).flatMap((it) => it.activities);

/** The levels of the protocol, lowest first. */
export const levelsOf = (input: PageInput, activity: (canonical: string) => Words): PatientView['levels'] =>
  input.look.protocol.levels
    .toSorted((a, b) => a.rank - b.rank)
    .map((it) => ({ code: it.code, rank: it.rank, title: it.title, activities: it.activities.map(activity) }));

const courses = ({ look }: PageInput): readonly Chart[] =>
  look.hasLevels ? chartsOf(look.record, look.settings.baseUrl) : [];

/** How long the patient was at which level, who decided it, and why. */
export const staysOf = (input: PageInput): readonly LevelStayView[] =>
  courses(input)
    .flatMap((chart) => chart.plans.flatMap((plan) => stayOf(plan, chart, input) ?? []))
    .sort((a, b) => a.from.localeCompare(b.from));

function stayOf(plan: CarePlan, chart: Chart, input: PageInput): LevelStayView | undefined {
  const code = levelOf(plan);
  const { baseUrl, timeZone } = input.look.settings;
  const from = readAuthored(plan.period?.start, timeZone)?.date;
  if (code === undefined || from === undefined) return undefined;
  const former = chart.plans.find((it) => replacedBy(plan, baseUrl).includes(`CarePlan/${it.id}`));
  const rank = levelNamed(code, input).rank;
  const before = former === undefined ? undefined : levelNamed(levelOf(former) ?? '', input).rank;
  const proposal = chart.proposals.find((it) => plan.basedOn?.some((one) => one.reference === `CarePlan/${it.id}`));
  const decision = proposal === undefined ? undefined : decisionOf(proposal, baseUrl);
  const rested = proposal ?? plan;
  return {
    plan: plan.id ?? '',
    code,
    ...levelOfCode(code, input),
    from,
    direction: before === undefined ? 'start' : before < rank ? 'up' : 'down',
    evidence: evidenceView(rested, input),
    ...withoutAbsent({
      to: readAuthored(plan.period?.end, timeZone)?.date,
      decidedBy: named(decision?.by ?? plan.author, input),
      reason: decision?.reason ?? plan.note?.[0]?.text,
      sentence: proposal === undefined ? undefined : sentenceOf(proposal, input),
      restedOnAmended: marksOf(plan, baseUrl).length > 0 ? true : undefined,
    }),
  };
}

/** Proposals that are over without a step, the newest first. */
export const pastProposalsOf = (input: PageInput): readonly PastProposalView[] =>
  courses(input)
    .flatMap((chart) => chart.proposals)
    .filter((it) => it.status === 'revoked')
    .map((it): PastProposalView => {
      const decision = decisionOf(it, input.look.settings.baseUrl);
      const code = statusReasonOf(it) ?? decision?.outcome ?? 'level-changed';
      return {
        id: it.id ?? '',
        date: readAuthored(decision?.at ?? it.created, input.look.settings.timeZone)?.date ?? '',
        title: levelNamed(levelOf(it) ?? '', input).title,
        outcome: input.say(codeSystem('step-reason'), code),
        ...withoutAbsent({
          sentence: sentenceOf(it, input),
          by: named(decision?.by, input),
          note: decision?.reason,
        }),
      };
    })
    .sort((a, b) => b.date.localeCompare(a.date));
