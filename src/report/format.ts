import type { ReportLanguage } from './cohort-report.ts';

/** Numbers and instants as a language writes them; a minus is a minus, not a hyphen. */
export interface Format {
  /** With so many decimals; up to two more where a number that is not zero would look like it. */
  number(value: number, decimals?: number): string;
  /** With its sign: "+4.2", "−3.1", "0.0". */
  signed(value: number, decimals?: number): string;
  whole(value: number): string;
  /** "45 %" of a share between 0 and 1. */
  percent(share: number): string;
  /** "0.034", or "< 0.001". */
  p(value: number): string;
  /** Day and time of an instant, in UTC. */
  instant(iso: string): string;
  list(items: readonly string[]): string;
}

const LOCALE: Readonly<Record<ReportLanguage, string>> = { en: 'en-GB', es: 'es-ES', ca: 'ca-ES' };
const SMALLEST_P = 0.001;

/** The end of an interval at −0.004 is on the other side of zero: "0.00" would hide it. */
const enough = (value: number, decimals: number): number => {
  const looksZero = (it: number): boolean => Math.abs(value) < 0.5 * 10 ** -it;
  if (value === 0 || decimals === 0 || !looksZero(decimals)) return decimals;
  return [decimals + 1, decimals + 2].find((it) => !looksZero(it)) ?? decimals;
};

/** How a language writes. */
export function formatOf(language: ReportLanguage): Format {
  const locale = LOCALE[language];
  const minus = (text: string): string => text.replace('-', '−');
  const fixed = (decimals: number, signDisplay: 'negative' | 'exceptZero') =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay,
      useGrouping: 'min2',
    });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const number: Format['number'] = (value, decimals = 2) =>
    minus(fixed(enough(value, decimals), 'negative').format(value));
  return {
    number,
    signed: (value, decimals = 2) => minus(fixed(enough(value, decimals), 'exceptZero').format(value)),
    whole: (value) => number(value, 0),
    percent: (share) => percent.format(share),
    p: (value) => (value < SMALLEST_P ? `< ${number(SMALLEST_P, 3)}` : number(value, 3)),
    instant: (iso) => (Number.isNaN(Date.parse(iso)) ? iso : `${instant.format(Date.parse(iso))} UTC`),
    list: (items) => list.format(items),
  };
}
