/** Sixteen and more digits of a binary fraction are noise of the arithmetic, not of the score. */
const DIGITS_TO_TRUST = 15;

/** A value as the decimal digits a person would write, split into its digits and its power of ten. */
function decimalOf(value: number): { readonly digits: string; readonly exponent: number } {
  const [digits = '0', exponent = '0'] = value.toExponential(DIGITS_TO_TRUST - 1).split('e');
  return { digits, exponent: Number(exponent) };
}

/** Rounds half away from zero, on the decimal digits a person would write, not on their binary neighbour. */
function round(value: number, places: number): number {
  if (Number.isInteger(value)) return value;
  const { digits, exponent } = decimalOf(Math.abs(value));
  const rounded = Number(`${Math.round(Number(`${digits}e${exponent + places}`))}e-${places}`);
  // A negative value that rounds to nothing is 0, not -0: it would be written and compared otherwise.
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** A value as it is stored: at most six decimals. */
export const roundStored = (value: number): number => round(value, 6);

/** A value as it is shown: at most two decimals. */
export const roundShown = (value: number): number => round(value, 2);
