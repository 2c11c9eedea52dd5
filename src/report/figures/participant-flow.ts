import { RATERS } from '../../analysis/cohort-data.ts';
import { isEstimated } from '../../analysis/estimate.ts';
import type { Flow, FlowCell } from '../../analysis/result.ts';
import type { Markup, Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { drawingOf, line, rectangle, text } from './drawing.ts';

export interface ParticipantFlow {
  readonly flow: Flow;
  readonly visits: readonly string[];
  readonly participants: number;
  readonly patients: number;
  /** Why participants were left out, with how many. */
  readonly leftOut: Readonly<Record<string, number>>;
}

const WIDTH = 760;
const GAP = 24;
const LINE = 18;
const [BOX, ARM_BOX, STEP] = [34, 34, 26];
const BAR = 92;

/** Ratings that were due by the plan, asked for or not: the denominator of what was given. */
export const dueOf = ({ states }: FlowCell): number =>
  states.answered + states['without-total'] + states['not-answered'] + states['not-asked'];

/** Who was found, left out and analysed, and at each visit who answered: one column for each arm. */
export function participantFlowOf(given: ParticipantFlow, speech: Speech): Markup {
  const { flow: words } = speech.words.tables;
  const { included } = given.flow;
  const width = Math.min(360, (WIDTH - GAP * (included.length - 1)) / Math.max(1, included.length));
  const total = width * included.length + GAP * (included.length - 1);
  const reasons = Object.entries(given.leftOut).filter(([, n]) => n > 0);
  const outHeight = 16 + LINE * Math.max(1, reasons.length + 1);
  const middle = (WIDTH - total) / 2 + total / 2;
  const analysed = BOX + Math.max(STEP, outHeight + 16);
  const columns = analysed + BOX + STEP;
  const each = ARM_BOX + given.visits.length * (STEP + barOf(given.flow)) + STEP + ARM_BOX;
  return drawingOf({
    id: 'participant-flow',
    title: words.title,
    desc: words.desc,
    width: WIDTH,
    height: columns + each + 4,
    body: [
      box(middle - 130, 0, 260, BOX, words.found(given.participants)),
      line(middle, BOX, middle, analysed, 'flow'),
      leftOutBox(reasons, middle, BOX + 8, outHeight, speech),
      box(middle - 130, analysed, 260, BOX, words.analysed(given.patients)),
      included.length > 1 && branch(included.length, width, (WIDTH - total) / 2, analysed + BOX, columns, middle),
      included.length === 1 && line(middle, analysed + BOX, middle, columns, 'flow'),
      included.map((it, i) => column(given, it, (WIDTH - total) / 2 + i * (width + GAP), columns, width, speech)),
    ],
  });
}

const box = (x: number, y: number, width: number, height: number, said: string): Part => [
  rectangle(x, y, width, height, 'panel'),
  text(x + width / 2, y + height / 2 + 5, said, 'group', 'middle'),
];

function leftOutBox(
  reasons: readonly [string, number][],
  middle: number,
  y: number,
  height: number,
  speech: Speech,
): Part {
  const { leftOut } = speech.words.page;
  const sum = reasons.reduce((all, [, n]) => all + n, 0);
  const x = middle + 40;
  return [
    line(middle, y + height / 2, x, y + height / 2, 'flow'),
    rectangle(x, y, 300, height, 'panel quiet'),
    text(x + 12, y + 21, speech.words.tables.flow.leftOut(sum), 'label'),
    reasons.map(([reason, n], i) =>
      text(x + 24, y + 21 + LINE * (i + 1), `${leftOut[reason] ?? reason}: ${n}`, 'tick'),
    ),
  ];
}

function branch(count: number, width: number, from: number, top: number, bottom: number, middle: number): Part {
  const y = top + STEP / 2;
  const places = Array.from({ length: count }, (_, i) => from + i * (width + GAP) + width / 2);
  return [
    line(middle, top, middle, y, 'flow'),
    line(places[0] ?? middle, y, places.at(-1) ?? middle, y, 'flow'),
    places.map((x) => line(x, y, x, bottom, 'flow')),
  ];
}

function column(
  given: ParticipantFlow,
  { arm, n }: Flow['included'][number],
  x: number,
  y: number,
  width: number,
  speech: Speech,
): Part {
  const bar = barOf(given.flow);
  const end = y + ARM_BOX + given.visits.length * (STEP + bar) + STEP;
  const left = given.flow.left.reduce((sum, it) => (it.arm === arm ? sum + it.n : sum), 0);
  return [
    box(x, y, width, ARM_BOX, speech.words.tables.flow.arm(speech.arm(arm), n)),
    given.visits.map((visit, v) => {
      const top = y + ARM_BOX + v * (STEP + bar) + STEP;
      return [
        line(x + width / 2, top - STEP, x + width / 2, top, 'flow'),
        visitBox(given.flow, arm, visit, x, top, width, speech),
      ];
    }),
    line(x + width / 2, end - STEP, x + width / 2, end, 'flow'),
    box(x, end, width, ARM_BOX, speech.words.tables.flow.leftInAll(left)),
  ];
}

/** Room for the line on what nobody was asked for, where there is such a line. */
const barOf = (flow: Flow): number => BAR + (flow.cells.some((it) => it.states['not-asked'] > 0) ? LINE : 0);

function visitBox(flow: Flow, arm: string, visit: string, x: number, y: number, width: number, speech: Speech): Part {
  const { flow: words } = speech.words.tables;
  const cells = RATERS.flatMap((rater) =>
    flow.cells.filter((it) => it.arm === arm && it.visit === visit && it.rater === rater),
  );
  const both = flow.both.find((it) => it.arm === arm && it.visit === visit)?.share;
  const bothDue = both?.n ?? 0;
  const bothGiven = both !== undefined && isEstimated(both) ? Math.round(both.estimate * both.n) : 0;
  const first = cells[0];
  const aside = first === undefined ? '' : words.aside(first.states.left, first.states['not-due']);
  const notAsked = (rater: string): number => cells.find((it) => it.rater === rater)?.states['not-asked'] ?? 0;
  const rows = [
    ...cells.map((it) => ({
      said: words.answered(speech.rater(it.rater), it.states.answered, dueOf(it)),
      share: shareOf(it.states.answered, dueOf(it)),
    })),
    { said: words.both(bothGiven, bothDue), share: shareOf(bothGiven, bothDue) },
  ];
  return [
    rectangle(x, y, width, barOf(flow), 'panel'),
    text(x + 12, y + 20, speech.visit(visit), 'group'),
    aside !== '' && text(x + width - 12, y + 20, aside, 'tick', 'end'),
    rows.map(({ said, share }, i) => [
      text(x + 12, y + 20 + LINE * (i + 1) + 2, said, 'label'),
      rectangle(x + width - 112, y + 12 + LINE * (i + 1), 100, 8, 'track'),
      rectangle(x + width - 112, y + 12 + LINE * (i + 1), 100 * share, 8, 'bar'),
    ]),
    cells.some((it) => it.states['not-asked'] > 0) &&
      text(x + 12, y + BAR + 8, words.notAsked(notAsked('patient'), notAsked('therapist')), 'tick'),
  ];
}

const shareOf = (n: number, due: number): number => (due === 0 ? 0 : n / due);
