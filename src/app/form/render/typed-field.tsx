import { useEffect, useId, useRef, useState } from 'react';
import type { Reading } from './reading.ts';
import styles from './render.module.css';

export interface TypedFieldProps<T> {
  readonly labelledBy: string;
  readonly describedBy?: string | undefined;
  readonly value: T | undefined;
  readonly kind: 'text' | 'lines' | 'date' | 'datetime-local' | 'time' | 'whole' | 'number' | 'url';
  /** Said below the field: its range, its unit. */
  readonly hint?: string | undefined;
  readonly unit?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly disabled?: boolean | undefined;
  /** A value as the field writes it. */
  write(value: T): string;
  read(text: string): Reading<T>;
  /** `undefined`: no answer. */
  onAnswer(value: T | undefined): void;
}

/** A pause in typing after which an answer counts as given. */
const PAUSE_MS = 700;

/**
 * A field to type in. An answer is given after a pause, or on leaving the field; what cannot be read is no answer, stays
 * as it was typed, and is said.
 */
export function TypedField<T>(props: TypedFieldProps<T>) {
  const { value, kind, hint, unit, disabled, write, read, onAnswer } = props;
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<() => void>(undefined);
  const shown = typed ?? (value === undefined ? '' : write(value));
  const reading = read(shown);
  const fault = 'fault' in reading ? reading.fault : undefined;

  const give = (text: string) => {
    clearTimeout(timer.current);
    pending.current = undefined;
    const now = read(text);
    onAnswer('value' in now ? now.value : undefined);
    // What was understood is shown as it is stored; a fault stays as it was typed, so that it can be mended.
    if (!('fault' in now)) setTyped(undefined);
  };
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    pending.current = () => give(text);
    timer.current = setTimeout(() => pending.current?.(), PAUSE_MS);
  };
  // Whoever goes on before the pause is over has answered too.
  const latest = useRef(pending);
  useEffect(() => {
    const last = latest.current;
    return () => {
      clearTimeout(timer.current);
      last.current?.();
    };
  }, []);

  const described = [props.describedBy, hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const common = {
    id,
    value: shown,
    disabled,
    maxLength: props.maxLength,
    'aria-labelledby': props.labelledBy,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': fault !== undefined,
    onBlur: () => pending.current?.(),
    autoComplete: 'off',
  };
  return (
    <div className={styles.typed}>
      <div className={styles.withUnit}>
        {kind === 'lines' ? (
          <textarea {...common} rows={5} onChange={(event) => type(event.currentTarget.value)} />
        ) : (
          <input
            {...common}
            type={INPUT_TYPE[kind]}
            inputMode={INPUT_MODE[kind]}
            onChange={(event) => type(event.currentTarget.value)}
          />
        )}
        {unit !== undefined && <span className={styles.unit}>{unit}</span>}
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

type Kind = TypedFieldProps<unknown>['kind'];

// Numbers are typed as text: a number field swallows a comma, and turns with the wheel.
const INPUT_TYPE: Readonly<Record<Kind, string>> = {
  text: 'text',
  lines: 'text',
  date: 'date',
  'datetime-local': 'datetime-local',
  time: 'time',
  whole: 'text',
  number: 'text',
  url: 'url',
};
const INPUT_MODE: Readonly<Partial<Record<Kind, 'numeric' | 'decimal' | 'url'>>> = {
  whole: 'numeric',
  number: 'decimal',
  url: 'url',
};
