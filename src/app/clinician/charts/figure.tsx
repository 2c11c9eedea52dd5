import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../reader.ts';
import styles from './figure.module.css';

export interface FigureProps {
  /** States what the figure shows, as a sentence. */
  readonly title: string;
  /** What one must know to read it. */
  readonly note?: ReactNode;
  /** The drawing; it is given what a focused or hovered mark says, and how to say it. */
  readonly children: (read: (text: string | undefined) => void) => ReactNode;
  /** The same numbers. */
  readonly table: ReactNode;
  readonly legend?: ReactNode;
  /** A small table of the same numbers that stands beside the drawing on a desk, and below it on a phone. */
  readonly beside?: ReactNode;
  /** The drawing has marks that say something; false where its numbers stand on it. */
  readonly hasMarks?: boolean;
  /** What opens the table; "the same as a table" where absent. */
  readonly tableTitle?: string;
}

/** A drawing with its title, a line that says what is under the finger, and the table of the same numbers. */
export function Figure({ title, note, children, table, legend, beside, hasMarks = true, tableTitle }: FigureProps) {
  const words = useWords();
  const id = useId();
  const [said, setSaid] = useState<string>();
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption id={id} className={styles.title}>
        {title}
      </figcaption>
      {legend}
      <div className={beside === undefined ? undefined : styles.pair}>
        <div>
          {children(setSaid)}
          {hasMarks ? (
            <p className={styles.read} aria-hidden="true">
              {said ?? words.chart.pick}
            </p>
          ) : null}
        </div>
        {beside}
      </div>
      {note === undefined ? null : <p className={styles.note}>{note}</p>}
      <details className={styles.table}>
        <summary>{tableTitle ?? words.chart.table}</summary>
        {table}
      </details>
    </figure>
  );
}
