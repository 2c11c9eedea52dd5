/** Rounds half away from zero, on the decimal digits a person would write, not on their binary neighbour. */
function round(value: number, digits: number): number {
  const shifted = Number(`${Math.abs(value).toPrecision(15)}e${digits}`);
  const rounded = Number(`${Math.round(shifted)}e-${digits}`);
  return value < 0 ? -rounded : rounded;
}

/** A value as it is stored: at most six decimals. */
export const roundStored = (value: number): number => (Number.isInteger(value) ? value : round(value, 6));

/** A value as it is shown: at most two decimals. */
export const roundShown = (value: number): number => round(value, 2);
