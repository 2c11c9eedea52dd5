import { useId } from 'react';
import styles from './chart.module.css';
import { Mark } from './mark.tsx';
import { linearScale } from './scale.ts';
import { TimeAxis } from './step-chart.tsx';
import { plotOf, type TimeFrame } from './time-frame.ts';
import { useWidth } from './use-width.ts';

export interface LevelStay {
  readonly key: string;
  readonly rank: number;
  readonly title: string;
  /** Milliseconds since 1970; `to` absent while it lasts. */
  readonly from: number;
  readonly to?: number;
}

export interface LevelLaneProps {
  readonly title: string;
  /** Levels of the protocol, lowest first. */
  readonly levels: readonly { readonly rank: number; readonly title: string }[];
  readonly stays: readonly LevelStay[];
  readonly frame: TimeFrame;
  read(text: string | undefined): void;
}

const ROW = 26;
const TOP = 10;

/** Levels of care over time, the lowest at the bottom, on the same axis as the distress. */
export function LevelLane({ title, levels, stays, frame, read }: LevelLaneProps) {
  const [ref, width] = useWidth(640);
  const id = useId();
  const bottom = TOP + levels.length * ROW;
  const height = bottom + 34;
  const { left, right, isWide } = plotOf(width);
  const x = linearScale(frame.span, [left, right]);
  const y = (rank: number) => bottom - (levels.findIndex((it) => it.rank === rank) + 1) * ROW;
  return (
    <div ref={ref}>
      <svg className={styles.svg} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-labelledby={id}>
        <title id={id}>{title}</title>
        {levels.map((it) => (
          <g key={it.rank} aria-hidden="true">
            <line x1={left} x2={right} y1={y(it.rank) + ROW} y2={y(it.rank) + ROW} className={styles.grid} />
            <text x={left - 8} y={y(it.rank) + 17} textAnchor="end">
              {it.rank}
            </text>
            {isWide ? (
              <text x={right + 8} y={y(it.rank) + 17}>
                {it.title}
              </text>
            ) : null}
          </g>
        ))}
        <TimeAxis frame={{ ...frame, changes: [] }} width={width} y={bottom} top={TOP} />
        {stays.map((it) => {
          const [from, to] = [x(it.from), x(it.to ?? frame.now)];
          const fits = !isWide && to - from > it.title.length * 7 + 12;
          return (
            <g key={it.key} aria-hidden="true">
              <rect
                x={from}
                width={Math.max(3, to - from)}
                y={y(it.rank) + 3}
                height={ROW - 6}
                rx={4}
                className={styles.levelBand}
              />
              {fits ? (
                <text x={from + 12} y={y(it.rank) + 17} className={styles.levelText}>
                  {it.title}
                </text>
              ) : null}
            </g>
          );
        })}
        {frame.changes.map((it) => (
          <Mark
            key={it.key}
            x={x(it.at)}
            y={bottom}
            shape={it.direction === 'down' ? 'down' : 'up'}
            className={styles.levelMark}
            label={it.label}
            anchor={it.anchor}
            read={read}
          />
        ))}
      </svg>
    </div>
  );
}
