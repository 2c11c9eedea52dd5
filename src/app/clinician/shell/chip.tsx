import type { ReactNode } from 'react';
import styles from './chip.module.css';

export type ChipTone = 'danger' | 'warn' | 'accent' | 'good' | 'plain';

/** Each tone has a shape of its own, so that none is told by colour alone. */
const SHAPE: Readonly<Record<ChipTone, ReactNode>> = {
  danger: <path d="M6 1 L11.5 11 H0.5 Z" />,
  warn: <path d="M6 0.5 L11.5 6 L6 11.5 L0.5 6 Z" />,
  accent: <path d="M1 6 H8 M5 2 L9 6 L5 10" fill="none" stroke="currentColor" strokeWidth="2" />,
  good: <path d="M1 6.5 L4.5 10 L11 2" fill="none" stroke="currentColor" strokeWidth="2" />,
  plain: <circle cx="6" cy="6" r="4" />,
};

/** A state in a word and a shape. */
export function Chip({ tone, children }: { readonly tone: ChipTone; readonly children: ReactNode }) {
  return (
    <span className={`${styles.chip} ${styles[tone]}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
        {SHAPE[tone]}
      </svg>
      {children}
    </span>
  );
}
