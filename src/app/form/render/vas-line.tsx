import type { KeyboardEvent, PointerEvent } from 'react';
import styles from './render.module.css';
import { fill, type RenderWords } from './render-words.ts';

export interface VasLineProps {
  readonly labelledBy: string;
  readonly describedBy?: string | undefined;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  /** What the ends mean, in words. */
  readonly lowLabel: string | undefined;
  readonly highLabel: string | undefined;
  /** `undefined`: nobody has touched the line yet, and no thumb is shown. */
  readonly value: number | undefined;
  readonly words: RenderWords;
  readonly disabled?: boolean | undefined;
  onPlace(value: number): void;
}

/** Scales of so few steps carry their numbers, as the thermometer on paper does; a longer line carries none. */
const NUMBERED_STEPS = 10;
/** Width of the thumb: its middle stands this far inside the line at both ends. */
const THUMB_PX = 32;

/**
 * A line that starts without a mark: touching it places the mark, arrow keys too. Where the mark stands is not written
 * beside it, so that the answer is a place and not a number; a screen reader, which cannot see the place, says it.
 */
export function VasLine(props: VasLineProps) {
  const { low, high, step, lowLabel, highLabel, value, words, disabled, onPlace } = props;
  const isUnset = value === undefined;
  const middle = low + Math.round((high - low) / 2 / step) * step;
  const ticks = (high - low) / step <= NUMBERED_STEPS ? ticksOf(low, high, step) : [];
  // A tap right in the middle changes nothing for the browser, and some phones only drag: the tap itself places it. A finger that
  // scrolls the page over the line ends in a cancel, not here.
  const tap = (event: PointerEvent<HTMLInputElement>) => {
    if (isUnset) onPlace(placeOf(event, { low, high, step }));
  };
  const key = (event: KeyboardEvent) => {
    if (!isUnset || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    onPlace(middle);
  };
  return (
    <div className={styles.vas}>
      <input
        type="range"
        className={isUnset ? styles.unset : styles.set}
        aria-labelledby={props.labelledBy}
        aria-describedby={props.describedBy}
        aria-valuetext={isUnset ? words.vasUnset : fill(words.vasPosition, { value, low, high })}
        min={low}
        max={high}
        step={step}
        value={value ?? middle}
        disabled={disabled}
        onChange={(event) => onPlace(Number(event.currentTarget.value))}
        onPointerUp={tap}
        onKeyDown={key}
      />
      {ticks.length > 0 && (
        <div className={styles.ticks} aria-hidden="true">
          {ticks.map((it) => (
            <span key={it}>{it}</span>
          ))}
        </div>
      )}
      <div className={styles.ends}>
        <span>{lowLabel ?? low}</span>
        <span>{highLabel ?? high}</span>
      </div>
      <p className={styles.vasState}>{isUnset ? `${words.vasUnset} ${words.vasHow}` : words.vasSet}</p>
    </div>
  );
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

function placeOf(event: PointerEvent<HTMLInputElement>, { low, high, step }: Scale): number {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - left - THUMB_PX / 2) / Math.max(1, width - THUMB_PX);
  const steps = Math.round((Math.min(1, Math.max(0, share)) * (high - low)) / step);
  return low + steps * step;
}

const ticksOf = (low: number, high: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
