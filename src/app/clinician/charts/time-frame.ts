/** The common time axis of all charts of one patient: same span, same margins, so that they can be read as one. */
export interface TimeFrame {
  /** Milliseconds since 1970. */
  readonly span: readonly [number, number];
  /** Milliseconds since 1970 of the moment the page was made. */
  readonly now: number;
  /** Level changes: marks on every axis. */
  readonly changes: readonly LevelChange[];
}

export interface LevelChange {
  readonly key: string;
  readonly at: number;
  readonly direction: 'up' | 'down' | 'start';
  /** "3 Mar 2026: to Psychoeducation". */
  readonly label: string;
  /** Id of the element that tells who decided and why. */
  readonly anchor: string;
}

const WIDE = 620;

/** Where the plot begins and ends, in pixels: a wide chart has room for words at its right. */
export const plotOf = (width: number): { readonly left: number; readonly right: number; readonly isWide: boolean } => ({
  left: 34,
  right: width - (width >= WIDE ? 176 : 46),
  isWide: width >= WIDE,
});
