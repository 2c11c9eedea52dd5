import { type CourseNow, listProposals, readSteps, type WaitingProposal } from '../../pipeline/steps/read-steps.ts';
import { type Replay, replaySteps } from '../../pipeline/steps/replay.ts';
import { table } from '../print.ts';
import { type Action, patientOf } from './action.ts';

const waitingRow = (it: WaitingProposal) => [
  it.id,
  it.patient,
  it.to ?? '',
  it.rule ?? '',
  it.decideBy?.slice(0, 16) ?? '',
  it.owner ?? '',
  it.escalatedAt === undefined ? '' : 'passed on',
];
const WAITING = ['proposal', 'patient', 'to level', 'rule', 'decide by', 'with', 'state'];

export const proposalsAction: Action = async ({ ports }) => {
  const value = await listProposals(ports);
  const { proposals, restedOnAmended } = value;
  const waiting = proposals.length === 0 ? 'No proposal waits.' : table(WAITING, proposals.map(waitingRow));
  const amended = restedOnAmended.map((it) => [it.plan, it.patient, it.level ?? '', it.observations.join(' ')]);
  const again =
    amended.length === 0
      ? []
      : [table(['in force, rested on an answer since amended', 'patient', 'level', 'amended'], amended)];
  return { value, text: [waiting, ...again].join('\n\n'), done: true };
};

/** What the rules say now, in words; what is missing or overdue is never said to be well. */
function said(outcome: CourseNow['outcome']): string {
  switch (outcome.kind) {
    case 'propose':
      return `the rule ${outcome.rule.id} holds: ${outcome.rule.to} is proposed by the next run`;
    case 'waiting':
      return `a proposal waits: ${outcome.proposal}`;
    case 'overdue':
      return `screening overdue: ${outcome.overdue.measure}, ${outcome.overdue.days} days${outcome.overdue.newest === undefined ? ', never done' : ''}`;
    case 'dwell':
      return `the rule ${outcome.rule.id} holds; it may speak from ${new Date(outcome.untilMs).toISOString()}`;
    case 'cannot-decide':
      return outcome.unknownLevel === undefined
        ? `cannot decide; missing: ${outcome.missing.map((it) => `${it.measure} (${it.have} of ${it.needed} within ${it.maxAgeDays} days)`).join(', ')}`
        : `cannot decide: the protocol knows no level ${outcome.unknownLevel}`;
    case 'stay':
      return 'no rule holds';
    case 'withheld':
      return 'not told: a rule of the protocol reads alliance ratings';
  }
}

const courseText = (it: CourseNow): string =>
  [
    `${it.level ?? 'no level'} since ${it.since ?? 'nobody knows'} (${it.plan})`,
    `Now: ${said(it.outcome)}.`,
    ...it.waiting.map((one) => `Proposed: ${one.sentence ?? ''}`),
    ...it.positions.map(
      (one) => `The patient ${one.kind}${one.level === undefined ? '' : ` ${one.level}`} at ${one.at}.`,
    ),
    ...(it.restedOnAmended.length === 0
      ? []
      : [`Rested on an answer since amended: ${it.restedOnAmended.join(', ')}.`]),
  ].join('\n');

export const showAction: Action = async ({ ports, doing }, subject) => {
  const courses = (await readSteps(ports, patientOf(subject), doing.now())) ?? [];
  const text = courses.length === 0 ? 'No plan is in force.' : courses.map(courseText).join('\n\n');
  return { value: { courses }, text, done: true };
};

function replayText(it: Replay): string {
  const history = it.history.map((row) => [
    row.at.slice(0, 19),
    row.event,
    row.level ?? '',
    row.by ?? '',
    row.rule ?? '',
    row.reason ?? '',
  ]);
  const proposals = it.proposals.map((row) => [
    row.proposedAt?.slice(0, 19) ?? '',
    row.rule ?? '',
    row.to ?? '',
    row.verdict,
    row.why ?? (row.by === 'versions' ? 'from the versions of then' : 'by the instants of the answers'),
  ]);
  return [
    `History of ${it.patient}`,
    history.length === 0
      ? 'Nothing happened yet.'
      : table(['when (UTC)', 'what', 'level', 'who', 'rule', 'reason'], history),
    ...(proposals.length === 0 ? [] : [table(['proposed', 'rule', 'to level', 'computed again', 'how'], proposals)]),
    ...it.problems.map((problem) => `Problem: ${problem}.`),
    it.equal ? 'Everything is as it was.' : 'Not everything can be accounted for.',
  ].join('\n\n');
}

export const replayAction: Action = async ({ ports, doing }, subject) => {
  const value = await replaySteps(ports, patientOf(subject), doing.now());
  return { value, text: replayText(value), done: value.equal };
};
