import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { AgreementCell } from '../../analysis/result.ts';
import type { Markup, Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { drawingOf, legend, line, mark, rectangle, text } from './drawing.ts';
import { type Scale, scaleOf } from './scale.ts';

export interface BlandAltman {
  readonly cells: readonly AgreementCell[];
  /** Arms whose dyads are told apart by shape; `all` alone where there are none. */
  readonly arms: readonly string[];
  readonly visits: readonly string[];
}

const WIDTH = 760;
const LEFT = 52;
const GAP = 16;
const [TOP, BOTTOM] = [52, 300];
/** Beyond so many dyads marks are gathered on a grid of two points. */
const MOST = 600;
const GRID = 2;

/** Whether marks stand for several dyads. */
export const isBinned = ({ cells, visits }: BlandAltman): boolean =>
  visits.some((visit) => (cells.find((it) => it.visit === visit && it.arm === 'all')?.points.length ?? 0) > MOST);

/** Difference against mean of each dyad, one panel a visit, with mean difference and limits of agreement. */
export function blandAltmanOf(asked: BlandAltman, speech: Speech): Markup {
  // Shapes of two arms on one place would hide each other.
  const given = isBinned(asked) ? { ...asked, arms: ['all'] } : asked;
  const { altman: words } = speech.words.tables;
  const whole = given.cells.filter((it) => it.arm === 'all');
  const points = whole.flatMap((it) => it.points);
  const limits = whole.flatMap((it) => [it.lowerLimit, it.upperLimit, it.meanDifference].flatMap(ends));
  const width = (WIDTH - LEFT - 8 - GAP * (given.visits.length - 1)) / Math.max(1, given.visits.length);
  const up = scaleOf([0, ...limits, ...points.map((it) => it.difference)], [BOTTOM, TOP], 7);
  const frame = { given, speech, up, width, means: points.map((it) => it.mean) };
  return drawingOf({
    id: 'bland-altman',
    title: words.title,
    desc: words.desc,
    width: WIDTH,
    height: 358,
    body: [
      given.arms.length > 1 && legend(given.arms.map(speech.arm), LEFT, 14),
      text(0, 38, words.up, 'axis'),
      given.visits.map((visit, i) => panel(frame, visit, LEFT + i * (width + GAP), i === 0)),
      text(LEFT + (WIDTH - LEFT) / 2, 348, words.across, 'axis', 'middle'),
    ],
  });
}

const ends = (it: Estimate): number[] =>
  isEstimated(it) ? [it.estimate, it.interval?.low ?? it.estimate, it.interval?.high ?? it.estimate] : [];

interface Frame {
  readonly given: BlandAltman;
  readonly speech: Speech;
  readonly up: Scale;
  readonly width: number;
  readonly means: readonly number[];
}

function panel({ given, speech, up, width, means }: Frame, visit: string, x: number, isFirst: boolean): Part {
  const across = scaleOf(means, [x + 8, x + width - 8], 4);
  const whole = given.cells.find((it) => it.visit === visit && it.arm === 'all');
  const { format } = speech;
  return [
    text(x + width / 2, 38, speech.visit(visit), 'group', 'middle'),
    up.ticks.map((it) => [
      line(x, up.at(it), x + width, up.at(it), 'grid'),
      isFirst && text(x - 8, up.at(it) + 4, format.number(it, up.decimals), 'tick', 'end'),
    ]),
    across.ticks.map((it) => text(across.at(it), BOTTOM + 18, format.number(it, across.decimals), 'tick', 'middle')),
    line(x, up.at(0), x + width, up.at(0), 'zero'),
    whole === undefined || whole.points.length === 0
      ? text(
          x + width / 2,
          (TOP + BOTTOM) / 2,
          speech.value(whole?.meanDifference ?? { n: 0, reason: 'no-data' }),
          'label',
          'middle',
        )
      : [levels(whole, x, width, up, speech), marksOf(given, visit, across, up), names(whole, x + width, up, speech)],
  ];
}

/** Mean difference and limits, each with its name; a name stands above its line, the lower limit's below. */
const levelsOf = (cell: AgreementCell, { altman }: Speech['words']['tables']) =>
  [
    { at: cell.upperLimit, kind: 'limit', said: `+${altman.limit}`, dy: -5 },
    { at: cell.meanDifference, kind: 'middle', said: altman.mean, dy: -5 },
    { at: cell.lowerLimit, kind: 'limit', said: `−${altman.limit}`, dy: 14 },
  ] as const;

const levels = (cell: AgreementCell, x: number, width: number, up: Scale, speech: Speech): Part =>
  levelsOf(cell, speech.words.tables).map(
    ({ at, kind }) =>
      isEstimated(at) && [
        at.interval !== undefined &&
          rectangle(x, up.at(at.interval.high), width, up.at(at.interval.low) - up.at(at.interval.high), 'ribbon'),
        line(x, up.at(at.estimate), x + width, up.at(at.estimate), kind),
      ],
  );

/** After the marks, so that none covers them. */
const names = (cell: AgreementCell, x: number, up: Scale, speech: Speech): Part =>
  levelsOf(cell, speech.words.tables).map(
    ({ at, said, dy }) =>
      isEstimated(at) &&
      text(x - 4, up.at(at.estimate) + dy, `${said}: ${speech.format.signed(at.estimate, 1)}`, 'tick halo', 'end'),
  );

function marksOf(given: BlandAltman, visit: string, across: Scale, up: Scale): Part[] {
  const binned = isBinned(given);
  return given.arms.map((arm, index) => {
    const points = gathered(given.cells.find((it) => it.visit === visit && it.arm === arm)?.points ?? [], binned);
    const most = Math.max(1, ...points.map((it) => it.n));
    const size = (n: number): number => (binned ? Math.max(0.15, Math.sqrt(n / most)) : 0.75);
    return points.map(({ mean, difference, n }) => mark(index, across.at(mean), up.at(difference), size(n), 'dyad'));
  });
}

function gathered(points: AgreementCell['points'], binned: boolean) {
  if (!binned) return points.map((it) => ({ ...it, n: 1 }));
  const found = new Map<string, { mean: number; difference: number; n: number }>();
  for (const it of points) {
    const [mean, difference] = [Math.round(it.mean / GRID) * GRID, Math.round(it.difference / GRID) * GRID];
    const known = found.get(`${mean}/${difference}`) ?? { mean, difference, n: 0 };
    known.n += 1;
    found.set(`${mean}/${difference}`, known);
  }
  return [...found.values()];
}
