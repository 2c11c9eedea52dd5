/** Languages of the programme. */
export type Language = 'en' | 'es' | 'ca';

export const LANGUAGES: readonly Language[] = ['ca', 'es', 'en'];

export const isLanguage = (it: unknown): it is Language => it === 'en' || it === 'es' || it === 'ca';

/** Dates, times and numbers as a language writes them. */
export interface Format {
  readonly language: Language;
  /** A local date (`2026-03-03`) or the local day of an instant: "3 Mar 2026". What is no date stays as it is. */
  date(iso: string): string;
  /** "3 Mar 2026, 10:42". A local date has no time. */
  dateTime(iso: string): string;
  /** "10:42" of milliseconds since 1970. */
  time(atMs: number): string;
  /** "Mar 2026" of a month `2026-03` or a date in it. */
  month(iso: string): string;
  /** At most two decimals, halves away from zero. */
  number(value: number): string;
  /** With its sign: "+4", "−3", "0". */
  signed(value: number): string;
  /** "a, b and c". */
  list(items: readonly string[]): string;
  /** "45 %" of a share between 0 and 1. */
  percent(share: number): string;
}

const LOCALE: Readonly<Record<Language, string>> = { en: 'en-GB', es: 'es-ES', ca: 'ca-ES' };
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-\d{2}$/;

/** @param zone IANA zone of the site, in which instants are shown */
export function formatOf(language: Language, zone: string): Format {
  const locale = LOCALE[language];
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const [inZone, plain] = [zone, 'UTC'].map((timeZone) => new Intl.DateTimeFormat(locale, { ...options, timeZone }));
    return (iso: string): string => {
      const full = MONTH.test(iso) ? `${iso}-01` : iso;
      const at = Date.parse(full);
      // A local date is of no zone: it is written as it stands.
      return Number.isNaN(at) ? iso : ((DAY.test(full) ? plain : inZone)?.format(at) ?? iso);
    };
  };
  const date = dates({ day: 'numeric', month: 'short', year: 'numeric' });
  const dateTime = dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: zone });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, signDisplay: 'exceptZero' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  return {
    language,
    date,
    dateTime: (iso) => (DAY.test(iso) ? date(iso) : dateTime(iso)),
    time: (atMs) => time.format(atMs),
    month: dates({ month: 'short', year: 'numeric' }),
    number: (value) => number.format(value),
    signed: (value) => signed.format(value).replace('-', '−'),
    list: (items) => list.format(items),
    percent: (share) => percent.format(share),
  };
}
