import type { Reading } from './reading.ts';

const NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;

export interface NumberBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly isWhole: boolean;
}

/** Why a typed number is no answer. */
export type NumberFault = 'notANumber' | 'notWhole' | 'outOfRange';

/** Reads a number as people type it, with a comma or a point, within its bounds. */
export function readNumber(typed: string, { min, max, isWhole }: NumberBounds): Reading<number, NumberFault> {
  const text = typed.trim().replace('−', '-');
  if (text === '') return { empty: true };
  if (!NUMBER.test(text)) return { fault: 'notANumber' };
  const value = Number(text.replace(',', '.'));
  if (isWhole && !Number.isSafeInteger(value)) return { fault: 'notWhole' };
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) return { fault: 'outOfRange' };
  return { value };
}
