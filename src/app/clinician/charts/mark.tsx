import type { ReactNode } from 'react';
import { Link } from '../navigation.tsx';
import type { Place } from '../place.ts';
import styles from './chart.module.css';

export type Shape = 'circle' | 'diamond' | 'square' | 'up' | 'down';

const PATHS: Readonly<Record<Exclude<Shape, 'circle'>, string>> = {
  diamond: 'M0 -7 L7 0 L0 7 L-7 0 Z',
  square: 'M-5 -5 H5 V5 H-5 Z',
  up: 'M0 -6 L6 5 H-6 Z',
  down: 'M0 6 L6 -5 H-6 Z',
};

/** A point's drawing, centred on 0, 0. */
export const shapeOf = (shape: Shape, className: string | undefined): ReactNode =>
  shape === 'circle' ? <circle r={6} className={className} /> : <path d={PATHS[shape]} className={className} />;

export interface MarkProps {
  readonly x: number;
  readonly y: number;
  readonly shape: Shape;
  readonly className: string | undefined;
  /** The whole of what the mark says; also what the line below the drawing shows. */
  readonly label: string;
  /** What it opens. */
  readonly place?: Place | undefined;
  /** Id of the element on this page that says more. */
  readonly anchor?: string | undefined;
  read(text: string | undefined): void;
}

/** A point that says the same to the finger, to the keyboard and to a screen reader, and opens what it rests on. */
export function Mark({ x, y, shape, className, label, place, anchor, read }: MarkProps) {
  const drawing = (
    <g transform={`translate(${x} ${y})`} className={styles.mark}>
      <circle r={12} className={styles.target} />
      <circle r={11} className={styles.halo} />
      {shapeOf(shape, className)}
    </g>
  );
  const heard = {
    onFocus: () => read(label),
    onBlur: () => read(undefined),
    onMouseEnter: () => read(label),
    onMouseLeave: () => read(undefined),
  };
  if (place !== undefined)
    return (
      <Link place={place} aria-label={label} {...heard}>
        {drawing}
      </Link>
    );
  if (anchor !== undefined)
    return (
      <a href={`#${anchor}`} aria-label={label} {...heard}>
        {drawing}
      </a>
    );
  return (
    // A reader without a mouse must be able to reach every point, also one that opens nothing.
    <g role="img" tabIndex={0} aria-label={label} {...heard}>
      {drawing}
    </g>
  );
}
