import { RATERS, type Rater } from '../../analysis/cohort-data.ts';
import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { Markup, Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { drawingOf, legend, line, mark, text } from './drawing.ts';
import { type Scale, scaleOf } from './scale.ts';

/** A mean of one arm, rater and visit, adjusted or observed. */
export interface TrajectoryPoint {
  readonly arm: string;
  readonly rater: Rater;
  readonly visit: string;
  readonly mean: Estimate;
}

export interface Trajectories {
  readonly points: readonly TrajectoryPoint[];
  readonly arms: readonly string[];
  readonly visits: readonly string[];
  readonly top: number;
}

const WIDTH = 760;
const LEFT = 52;
const GAP = 34;
const PANEL = (WIDTH - LEFT - GAP - 12) / 2;
const [TOP, BOTTOM] = [58, 320];
const DODGE = 7;

/** The range of the axis, for the note that it is cut. */
export const trajectoryScale = ({ points, top }: Pick<Trajectories, 'points' | 'top'>): Scale => {
  const values = points.flatMap(({ mean }) =>
    isEstimated(mean) ? [mean.estimate, mean.interval?.low ?? mean.estimate, mean.interval?.high ?? mean.estimate] : [],
  );
  // The top of the scale is in sight where it is near: a ceiling must be seen as one.
  const near = values.some((it) => top - it < 10) ? [top] : [];
  return scaleOf([...values, ...near], [BOTTOM, TOP], 7);
};

/** One panel for each rater, one line for each arm; arms differ in shape, dash and colour. */
export function trajectoriesOf(given: Trajectories, speech: Speech): Markup {
  const { arms, top } = given;
  const { trajectories: words } = speech.words.tables;
  const scale = trajectoryScale(given);
  return drawingOf({
    id: 'trajectories',
    title: words.title,
    desc: words.desc(speech.level),
    width: WIDTH,
    height: 372,
    body: [
      legend(arms.map(speech.arm), LEFT, 18),
      text(0, 44, words.axis, 'axis'),
      RATERS.map((rater, i) => panel(given, rater, LEFT + i * (PANEL + GAP), i === 0, scale, speech)),
      top <= scale.to && [
        line(LEFT, scale.at(top), WIDTH - 12, scale.at(top), 'limit'),
        text(WIDTH - 12, scale.at(top) - 5, `${speech.format.whole(top)}: ${words.top}`, 'tick', 'end'),
      ],
    ],
  });
}

function panel(given: Trajectories, rater: Rater, x: number, isFirst: boolean, scale: Scale, speech: Speech): Part {
  const across = placesOf(given.visits, x);
  return [
    text(x + PANEL / 2, 44, speech.rater(rater), 'group', 'middle'),
    scale.ticks.map((it) => [
      line(x, scale.at(it), x + PANEL, scale.at(it), 'grid'),
      isFirst && text(x - 8, scale.at(it) + 4, speech.format.number(it, scale.decimals), 'tick', 'end'),
    ]),
    given.visits.map((visit, v) => text(across[v] ?? x, BOTTOM + 24, speech.visit(visit), 'label', 'middle')),
    given.arms.map((arm, a) => series(given, rater, arm, a, across, scale)),
  ];
}

/** Visits named by their months stand as far apart as they are; others evenly. */
function placesOf(visits: readonly string[], x: number): number[] {
  const months = visits.map((it) => Number(/^m(\d+)$/.exec(it)?.[1] ?? Number.NaN));
  const values = months.every(Number.isFinite) ? months : visits.map((_, i) => i);
  const [first, last] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [x + 34, x + PANEL - 34];
  return values.map((it) => (first === last ? (from + to) / 2 : from + ((it - first) / (last - first)) * (to - from)));
}

function series(
  given: Trajectories,
  rater: Rater,
  arm: string,
  index: number,
  across: readonly number[],
  scale: Scale,
): Part {
  const dodge = (index - (given.arms.length - 1) / 2) * DODGE;
  const found = given.visits.map((visit, v) => {
    const mean = given.points.find((it) => it.rater === rater && it.arm === arm && it.visit === visit)?.mean;
    return mean !== undefined && isEstimated(mean)
      ? { x: (across[v] ?? 0) + dodge, y: scale.at(mean.estimate), interval: mean.interval }
      : undefined;
  });
  const kind = `arm-${index % 4}`;
  return [
    // No line through a visit without a mean.
    found.flatMap((it, i) => {
      const next = found[i + 1];
      return it === undefined || next === undefined ? [] : [line(it.x, it.y, next.x, next.y, `series ${kind}`)];
    }),
    found.map((it) =>
      it === undefined
        ? undefined
        : [
            it.interval !== undefined && whisker(it.x, scale.at(it.interval.low), scale.at(it.interval.high), kind),
            mark(index, it.x, it.y, 1.25),
          ],
    ),
  ];
}

const whisker = (x: number, low: number, high: number, kind: string): Part => [
  line(x, low, x, high, `whisker ${kind}`),
  [low, high].map((y) => line(x - 4, y, x + 4, y, `whisker ${kind}`)),
];
