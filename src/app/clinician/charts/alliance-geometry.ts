import type { Place } from '../place.ts';
import { linearScale } from './scale.ts';

/** One rating of the alliance at a visit, or why there is none to show. */
export type AllianceSlot =
  | {
      readonly kind: 'rated';
      readonly total: number;
      /** Half of the 95 % interval around the total; absent where the site knows none. */
      readonly error?: number;
      /** Since the visit before: beyond the error, within it, or nobody can say. */
      readonly change?: 'reliable' | 'within' | 'unknown';
      readonly label: string;
      readonly place?: Place;
    }
  | { readonly kind: 'missing'; readonly words: string };

export interface AllianceVisit {
  readonly key: string;
  /** Months after inclusion: where it stands on the axis. */
  readonly months: number;
  readonly label: string;
  readonly patient: AllianceSlot;
  readonly therapist: AllianceSlot;
  /** What the gap between the two says; absent unless both are shown. */
  readonly gap?: string;
}

export type Rater = 'patient' | 'therapist';
type Rated = Extract<AllianceSlot, { kind: 'rated' }>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DrawnPoint {
  readonly rater: Rater;
  /** Key of the visit. */
  readonly visit: string;
  readonly x: number;
  readonly y: number;
  readonly slot: Rated;
  /** Ends of the error, top first; absent where it is not known. */
  readonly band?: readonly [number, number];
  /** Where the number stands, so that the two never lie on one another. */
  readonly above: boolean;
}

export interface DrawnLine {
  readonly rater: Rater;
  readonly from: DrawnPoint;
  readonly to: DrawnPoint;
  /** News: the change is beyond the error. */
  readonly isReliable: boolean;
}

export interface DrawnMissing {
  readonly rater: Rater;
  /** What the visit is called. */
  readonly visit: string;
  readonly x: number;
  readonly y: number;
  readonly words: string;
}

export interface AllianceDrawing {
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
  readonly columns: readonly { readonly visit: AllianceVisit; readonly x: number }[];
  readonly points: readonly DrawnPoint[];
  readonly lines: readonly DrawnLine[];
  readonly missing: readonly DrawnMissing[];
  readonly gaps: readonly {
    readonly x: number;
    readonly top: number;
    readonly bottom: number;
    readonly label: string;
  }[];
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

const RATERS: readonly Rater[] = ['patient', 'therapist'];
/** The two stand side by side at a visit, so that neither hides the other where they rated alike. */
const ASIDE: Readonly<Record<Rater, number>> = { patient: -8, therapist: 8 };

/**
 * Where everything of the alliance chart stands. No line is drawn to or from a visit without a rating.
 * @param range lowest and highest possible total
 */
export function drawAlliance(
  visits: readonly AllianceVisit[],
  range: readonly [number, number],
  size: Size,
): AllianceDrawing {
  const plot = { left: 34, right: size.width - 44, top: 18, bottom: size.height - 30 };
  const months = visits.map((it) => it.months);
  const x = linearScale([Math.min(...months), Math.max(...months)], [plot.left + 34, plot.right - 12]);
  const y = linearScale(range, [plot.bottom, plot.top]);
  const clamp = (value: number) => Math.min(range[1], Math.max(range[0], value));
  const [low, high] = range;
  const columns = visits.map((visit) => ({ visit, x: x(visit.months) }));
  const points = columns.flatMap(({ visit, x: at }) => pointsOf(visit, at, y, clamp));
  return {
    plot,
    columns,
    points,
    ticks: [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low)).map((value) => ({ value, y: y(value) })),
    lines: RATERS.flatMap((rater) => linesOf(rater, visits, points)),
    missing: columns.flatMap(({ visit, x: at }) => missingOf(visit, at, plot.bottom)),
    gaps: columns.flatMap(({ visit, x: at }) => {
      const [a, b] = points.filter((it) => it.visit === visit.key);
      if (a === undefined || b === undefined || visit.gap === undefined) return [];
      return [{ x: at, top: Math.min(a.y, b.y), bottom: Math.max(a.y, b.y), label: visit.gap }];
    }),
  };
}

function pointsOf(
  visit: AllianceVisit,
  x: number,
  y: (value: number) => number,
  clamp: (value: number) => number,
): DrawnPoint[] {
  return RATERS.flatMap((rater) => {
    const slot = visit[rater];
    const other = visit[rater === 'patient' ? 'therapist' : 'patient'];
    if (slot.kind !== 'rated') return [];
    const { total, error } = slot;
    const above = other.kind === 'rated' && other.total !== total ? total > other.total : rater === 'patient';
    const band = error === undefined ? {} : { band: [y(clamp(total + error)), y(clamp(total - error))] as const };
    const aside = other.kind === 'rated' ? ASIDE[rater] : 0;
    return [{ rater, visit: visit.key, x: x + aside, y: y(total), slot, above, ...band }];
  });
}

function linesOf(rater: Rater, visits: readonly AllianceVisit[], points: readonly DrawnPoint[]): DrawnLine[] {
  return visits.slice(1).flatMap((visit, index) => {
    const at = (it: AllianceVisit | undefined) =>
      it === undefined ? undefined : points.find((point) => point.rater === rater && point.visit === it.key);
    const [from, to] = [at(visits[index]), at(visit)];
    if (from === undefined || to === undefined) return [];
    return [{ rater, from, to, isReliable: to.slot.change === 'reliable' }];
  });
}

const missingOf = (visit: AllianceVisit, x: number, bottom: number): DrawnMissing[] =>
  RATERS.flatMap((rater) => {
    const slot = visit[rater];
    return slot.kind === 'missing'
      ? [{ rater, visit: visit.label, x, y: bottom - (rater === 'patient' ? 32 : 12), words: slot.words }]
      : [];
  });
