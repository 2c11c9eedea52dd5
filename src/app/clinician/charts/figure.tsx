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
  /** The table stands open below the drawing. */
  readonly tableOpen?: boolean;
}

/** A drawing with its title, a line that says what is under the finger, and the table of the same numbers. */
export function Figure({ title, note, children, table, legend, tableOpen = false }: FigureProps) {
  const words = useWords();
  const id = useId();
  const [said, setSaid] = useState<string>();
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption id={id} className={styles.title}>
        {title}
      </figcaption>
      {legend}
      <div>{children(setSaid)}</div>
      <p className={styles.read} aria-hidden="true">
        {said ?? words.chart.pick}
      </p>
      {note === undefined ? null : <p className={styles.note}>{note}</p>}
      <details className={styles.table} open={tableOpen}>
        <summary>{words.chart.table}</summary>
        {table}
      </details>
    </figure>
  );
}
