import { useId } from 'react';
import { useWords } from '../reader.ts';
import {
  type AllianceVisit,
  type DrawnLine,
  type DrawnMissing,
  type DrawnPoint,
  drawAlliance,
  type Rater,
} from './alliance-geometry.ts';
import { BESIDE, type Side, sidesOf } from './alliance-labels.ts';
import styles from './chart.module.css';
import { Mark, type Shape, shapeOf } from './mark.tsx';
import { useWidth } from './use-width.ts';

const SHAPE: Readonly<Record<Rater, Shape>> = { patient: 'circle', therapist: 'diamond' };
const POINT = { patient: styles.patientPoint, therapist: styles.therapistPoint };
const BAND = { patient: styles.patientBand, therapist: styles.therapistBand };
const LINE = { patient: styles.patientLine, therapist: styles.therapistLine };
const TEXT = { patient: styles.patientText, therapist: styles.therapistText };
const HEIGHT = 280;
/** Half of the width of the error around a rating that no line leads to or from. */
const LONE = 9;

export interface AllianceChartProps {
  readonly title: string;
  /** At least one. */
  readonly visits: readonly AllianceVisit[];
  /** Lowest and highest possible total. */
  readonly range: readonly [number, number];
  /** Raters of whom nothing at all is shown are not drawn. */
  readonly raters: readonly Rater[];
  read(text: string | undefined): void;
}

/** Two raters over the visits: shape and label tell them apart, ribbons show the error, missing visits break the line. */
export function AllianceChart({ title, visits, range, raters, read }: AllianceChartProps) {
  const [ref, width] = useWidth(640);
  const id = useId();
  const drawing = drawAlliance(visits, range, { width, height: HEIGHT });
  const { plot, points, lines } = drawing;
  const shown = <T extends { readonly rater: Rater }>(all: readonly T[]) =>
    all.filter((it) => raters.includes(it.rater));
  const missing = shown(drawing.missing);
  const sides = sidesOf({ missing, points: shown(points) }, width);
  return (
    <div ref={ref}>
      <svg className={styles.svg} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="group" aria-labelledby={id}>
        <title id={id}>{title}</title>
        {drawing.ticks.map((tick) => (
          <g key={tick.value} aria-hidden="true">
            <line x1={plot.left} x2={plot.right} y1={tick.y} y2={tick.y} className={styles.grid} />
            <text x={plot.left - 8} y={tick.y + 4} textAnchor="end">
              {tick.value}
            </text>
          </g>
        ))}
        <line x1={plot.left} x2={plot.right} y1={plot.bottom} y2={plot.bottom} className={styles.axis} />
        {drawing.columns.map(({ visit, x }) => (
          <g key={visit.key} aria-hidden="true">
            <line x1={x} x2={x} y1={plot.bottom} y2={plot.bottom + 5} className={styles.axis} />
            <text x={x} y={plot.bottom + 20} textAnchor="middle" className={styles.valueText}>
              {visit.label}
            </text>
          </g>
        ))}
        {shown(lines).map((it) => (
          <Ribbon key={keyOf(it.from, it.to)} line={it} />
        ))}
        {shown(points).map((it) => (
          <LoneError key={keyOf(it)} point={it} lines={lines} />
        ))}
        {drawing.gaps.map((it) => (
          <line key={it.x} x1={it.x} x2={it.x} y1={it.top} y2={it.bottom} className={styles.gap} />
        ))}
        {shown(lines).map((it) => (
          <Change key={keyOf(it.from, it.to)} line={it} />
        ))}
        {missing.map((it) => (
          <Missing key={`${it.rater}${it.x}`} missing={it} side={sides?.get(it)} />
        ))}
        {shown(points).map((it) => (
          <Point key={keyOf(it)} point={it} read={read} />
        ))}
      </svg>
      {sides === undefined ? <MissingBelow missing={missing} /> : null}
    </div>
  );
}

const keyOf = (...points: readonly DrawnPoint[]): string => points.map((it) => `${it.rater}${it.x}`).join();

function Ribbon({ line: { rater, from, to } }: { readonly line: DrawnLine }) {
  if (from.band === undefined || to.band === undefined) return null;
  const [[a, b], [c, d]] = [from.band, to.band];
  return <path d={`M${from.x} ${a} L${to.x} ${c} V${d} L${from.x} ${b} Z`} className={BAND[rater]} />;
}

/** The error of a rating that stands alone; where a line leads on, the ribbon shows it already. */
function LoneError({ point, lines }: { readonly point: DrawnPoint; readonly lines: readonly DrawnLine[] }) {
  if (point.band === undefined || lines.some((it) => it.from === point || it.to === point)) return null;
  const [top, bottom] = point.band;
  return (
    <rect x={point.x - LONE} width={2 * LONE} y={top} height={bottom - top} rx={4} className={BAND[point.rater]} />
  );
}

/** A change beyond the error in the rater's own colour; any other in the neutral one, for it is no news. */
function Change({ line: { rater, from, to, isReliable } }: { readonly line: DrawnLine }) {
  const quiet = rater === 'therapist' ? `${styles.neutralLine} ${styles.dashed}` : styles.neutralLine;
  return <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={isReliable ? LINE[rater] : quiet} />;
}

/** A mark where a rating would stand; why it does not, beside it, where there is room for every such word. */
function Missing({ missing: { rater, x, y, words }, side }: { missing: DrawnMissing; side: Side | undefined }) {
  return (
    <g aria-hidden="true" transform={`translate(${x} ${y})`}>
      {shapeOf(SHAPE[rater], styles.missing)}
      {side === undefined ? null : (
        <text
          x={side === 'right' ? BESIDE : -BESIDE}
          y={4}
          textAnchor={side === 'right' ? 'start' : 'end'}
          className={styles.missingText}
        >
          {words}
        </text>
      )}
    </g>
  );
}

/** Why ratings are missing, where the chart is too narrow to say so beside each mark: one line for each reason. */
function MissingBelow({ missing }: { readonly missing: readonly DrawnMissing[] }) {
  const words = useWords();
  const lines = new Map<string, { readonly rater: Rater; readonly words: string; readonly visits: string[] }>();
  for (const it of missing) {
    const key = `${it.rater} ${it.words}`;
    const line = lines.get(key) ?? { rater: it.rater, words: it.words, visits: [] };
    line.visits.push(it.visit);
    lines.set(key, line);
  }
  return (
    <ul className={styles.legend}>
      {[...lines].map(([key, line]) => (
        <li key={key}>
          <svg width={18} height={16} viewBox="-9 -8 18 16" aria-hidden="true">
            {shapeOf(SHAPE[line.rater], styles.missing)}
          </svg>
          {words.alliance.missingOf(words.alliance.raters[line.rater], line.visits.join(', '), line.words)}
        </li>
      ))}
    </ul>
  );
}

function Point({ point, read }: { readonly point: DrawnPoint; read(text: string | undefined): void }) {
  const { rater, x, y, slot, above } = point;
  return (
    <>
      <text x={x} y={above ? y - 14 : y + 24} textAnchor="middle" className={TEXT[rater]} aria-hidden="true">
        {slot.total}
      </text>
      <Mark
        x={x}
        y={y}
        shape={SHAPE[rater]}
        className={POINT[rater]}
        label={slot.label}
        place={slot.place}
        read={read}
      />
    </>
  );
}

/** Which shape and which line is whose. */
export function AllianceLegend({
  raters,
  hasError,
}: {
  readonly raters: readonly Rater[];
  readonly hasError: boolean;
}) {
  const words = useWords();
  return (
    <ul className={styles.legend}>
      {raters.map((rater) => (
        <li key={rater}>
          <svg width={34} height={16} viewBox="-17 -8 34 16" aria-hidden="true">
            <line x1={-17} x2={17} y1={0} y2={0} className={LINE[rater]} />
            {shapeOf(SHAPE[rater], POINT[rater])}
          </svg>
          {words.alliance.raters[rater]}
        </li>
      ))}
      <li>
        <svg width={34} height={16} viewBox="-17 -8 34 16" aria-hidden="true">
          <line x1={-17} x2={17} y1={0} y2={0} className={styles.neutralLine} />
        </svg>
        {words.alliance.withinError}
      </li>
      {hasError ? (
        <li>
          <svg width={34} height={16} viewBox="-17 -8 34 16" aria-hidden="true">
            <rect x={-17} width={34} y={-7} height={14} rx={3} className={styles.patientBand} />
          </svg>
          {words.alliance.band}
        </li>
      ) : null}
    </ul>
  );
}
