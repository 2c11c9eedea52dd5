import type { ReactNode } from 'react';
import styles from './needs-section.module.css';

/** One thing that needs somebody. */
export function Card({
  tone,
  children,
}: {
  readonly tone: 'danger' | 'accent' | 'warn';
  readonly children: ReactNode;
}) {
  return <article className={`${styles.card} ${styles[tone]}`}>{children}</article>;
}
