import { useId } from 'react';
import { useFormat } from '../reader.ts';
import styles from './chart.module.css';
import { Mark, shapeOf } from './mark.tsx';
import { linearScale, monthTicks } from './scale.ts';
import { spread } from './spread.ts';
import { drawSteps, type StepReading } from './step-geometry.ts';
import { plotOf, type TimeFrame } from './time-frame.ts';
import { useWidth } from './use-width.ts';

export interface Limit {
  readonly value: number;
  /** "▲ ≥ 6 Peer support" */
  readonly label: string;
  /** "≥ 6", where there is no room for more. */
  readonly short: string;
}

export interface StepChartProps {
  /** Name of the measure with its range. */
  readonly title: string;
  readonly readings: readonly StepReading[];
  readonly range: readonly [number, number];
  /** Cut-offs of the protocol, each with what it means. */
  readonly limits: readonly Limit[];
  readonly validDays?: number;
  readonly frame: TimeFrame;
  read(text: string | undefined): void;
}

const TOP = 30;
const AXIS = 34;

/** One measure over time as steps, with the protocol's cut-offs as labelled lines and level changes on the axis. */
export function StepChart({ title, readings, range, limits, validDays, frame, read }: StepChartProps) {
  const [ref, width] = useWidth(640);
  const id = useId();
  const height = limits.length > 0 ? 180 : 132;
  const { left, right, isWide } = plotOf(width);
  const bottom = height - AXIS;
  const plot = { left, right, top: TOP, bottom, span: frame.span, range, until: frame.now };
  const { points, lines } = drawSteps(readings, validDays === undefined ? plot : { ...plot, validDays });
  const y = linearScale(range, [bottom, TOP]);
  return (
    <div ref={ref}>
      <svg className={styles.svg} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-labelledby={id}>
        <text id={id} x={0} y={14} className={styles.valueText}>
          {title}
        </text>
        {range.map((value) => (
          <g key={value} aria-hidden="true">
            <line x1={left} x2={right} y1={y(value)} y2={y(value)} className={styles.grid} />
            <text x={left - 8} y={y(value) + 4} textAnchor="end">
              {value}
            </text>
          </g>
        ))}
        <Limits limits={limits} y={y} left={left} right={right} bottom={bottom} isWide={isWide} />
        <TimeAxis frame={frame} width={width} y={bottom} top={TOP} />
        {lines.map((it) => (
          <path key={it.path} d={it.path} className={it.isStale ? styles.distressStale : styles.distressLine} />
        ))}
        {points.map((it) => (
          <Mark
            key={it.key}
            x={it.x}
            y={it.y}
            shape="square"
            className={styles.distressPoint}
            label={it.label}
            place={it.place}
            read={read}
          />
        ))}
      </svg>
      {isWide || limits.length === 0 ? null : (
        <p className={styles.below}>{limits.map((it) => it.label).join(' · ')}</p>
      )}
    </div>
  );
}

interface LimitsProps {
  readonly limits: readonly Limit[];
  y(value: number): number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly isWide: boolean;
}

function Limits({ limits, y, left, right, bottom, isWide }: LimitsProps) {
  const places = spread(
    limits.map((it) => y(it.value)),
    13,
    bottom,
  );
  return limits.map((it, index) => {
    const place = places[index] ?? 0;
    return (
      <g key={it.label}>
        <line x1={left} x2={right} y1={y(it.value)} y2={y(it.value)} className={styles.limit} />
        <path d={`M${right} ${y(it.value)} L${right + 6} ${place}`} className={styles.limit} />
        <text x={right + 8} y={place + 4} className={styles.limitText}>
          {isWide ? it.label : it.short}
        </text>
      </g>
    );
  });
}

/** Months along the axis, and where the level of care changed. */
export function TimeAxis(props: {
  readonly frame: TimeFrame;
  readonly width: number;
  readonly y: number;
  readonly top: number;
}) {
  const { frame, width, y, top } = props;
  const format = useFormat();
  const { left, right } = plotOf(width);
  const x = linearScale(frame.span, [left, right]);
  const ticks = monthTicks(frame.span, Math.floor((right - left) / 72));
  return (
    <g aria-hidden="true">
      <line x1={left} x2={right} y1={y} y2={y} className={styles.axis} />
      {ticks.map((it) => (
        <g key={it} transform={`translate(${x(Date.parse(it))} ${y})`}>
          <line y1={0} y2={5} className={styles.axis} />
          <text y={22} textAnchor="middle">
            {format.month(it)}
          </text>
        </g>
      ))}
      {frame.changes.map((it) => (
        <g key={it.key}>
          {it.direction === 'start' ? null : (
            <line x1={x(it.at)} x2={x(it.at)} y1={top} y2={y} className={styles.levelChange} />
          )}
          <g transform={`translate(${x(it.at)} ${y})`}>
            {shapeOf(it.direction === 'down' ? 'down' : 'up', styles.levelMark)}
          </g>
        </g>
      ))}
    </g>
  );
}
