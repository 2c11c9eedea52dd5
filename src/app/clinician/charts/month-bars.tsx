import { useId } from 'react';
import { useFormat } from '../reader.ts';
import styles from './chart.module.css';
import { useWidth } from './use-width.ts';

export interface MonthBarsProps {
  readonly title: string;
  /** Months as `2026-03`, oldest first. */
  readonly months: readonly string[];
  readonly rows: readonly { readonly key: string; readonly label: string; readonly counts: readonly number[] }[];
}

const ROW = 56;
const LABEL = 16;

/** Counts by month, a row for each kind: no colour to tell apart. The numbers stand on the bars. */
export function MonthBars({ title, months, rows }: MonthBarsProps) {
  const [ref, width] = useWidth(640);
  const format = useFormat();
  const id = useId();
  const most = Math.max(1, ...rows.flatMap((it) => it.counts));
  const height = rows.length * ROW + 26;
  const slot = (width - 8) / Math.max(1, months.length);
  const bar = Math.min(28, slot * 0.6);
  const every = Math.max(1, Math.ceil(70 / slot));
  return (
    <div ref={ref}>
      <svg className={styles.svg} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={id}>
        <title id={id}>{title}</title>
        {rows.map((row, at) => {
          const base = (at + 1) * ROW;
          return (
            <g key={row.key}>
              <text x={0} y={base - ROW + 13}>
                {row.label}
              </text>
              <line x1={0} x2={width} y1={base} y2={base} className={styles.grid} />
              {months.map((month, index) => {
                const count = row.counts[index] ?? 0;
                const size = (count / most) * (ROW - LABEL - 12);
                const x = index * slot + (slot - bar) / 2;
                return count === 0 ? null : (
                  <g key={month}>
                    <rect x={x} width={bar} y={base - size} height={size} className={styles.bar} />
                    <text x={x + bar / 2} y={base - size - 3} textAnchor="middle">
                      {count}
                    </text>
                  </g>
                );
              })}
            </g>
          );
        })}
        {months.map((month, index) =>
          index % every === 0 ? (
            <text key={month} x={index * slot + slot / 2} y={height - 6} textAnchor="middle">
              {format.month(month)}
            </text>
          ) : null,
        )}
      </svg>
    </div>
  );
}
