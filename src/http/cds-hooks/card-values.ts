import type { Display } from '../../domain/derived-observation.ts';
import type { AllianceValue } from '../../domain/overview-alliance.ts';
import { CARD_WORDS } from './card-words.ts';
import type { CdsOptions, Language } from './cds-options.ts';

/** With what a card is put into words. */
export interface Wording {
  readonly language: Language;
  /** Name of a code in a language. */
  readonly words: (system: string, code: string, language: Language) => string | undefined;
  readonly display: Display;
  readonly options: Pick<CdsOptions, 'launchUrl' | 'guideUrl'>;
  readonly timeZone: string;
  /** An instant (UTC). */
  readonly now: string;
  /** Codes of `CodeSystem/cds-override-reason`, in order. */
  readonly overrideReasons: readonly string[];
}

const LOCALE: Record<Language, string> = { en: 'en-GB', es: 'es-ES', ca: 'ca-ES' };
const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(at: number, style: 'date' | 'time', { language, timeZone }: Wording): string {
  const key = `${language}|${style}|${timeZone}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(LOCALE[language], {
      dateStyle: 'long',
      ...(style === 'time' ? { timeStyle: 'short' as const } : {}),
      timeZone,
    });
  formats.set(key, format);
  return format.format(at);
}

/** A calendar date in words. */
export const day = (date: string, wording: Wording): string =>
  formatted(Date.parse(`${date.slice(0, 10)}T12:00:00Z`), 'date', { ...wording, timeZone: 'UTC' });
/** An instant in words, in the site’s zone. */
export function instant(at: string | undefined, wording: Wording): string {
  const ms = Date.parse(at ?? '');
  return Number.isNaN(ms) ? CARD_WORDS[wording.language].unknownTime : formatted(ms, 'time', wording);
}

/** At most two decimals, halves away from zero. */
export const number = (value: number, language: Language): string =>
  String(Math.sign(value) * (Math.round(Math.abs(value) * 100 + 1e-9) / 100))
    .replace('-', '−')
    .replace('.', language === 'en' ? '.' : ',');

/** One value and, in the same line, how uncertain it is. */
export function allianceLine(it: AllianceValue, wording: Wording): string {
  const { language } = wording;
  const says = CARD_WORDS[language];
  const who = says.sees[it.instrument?.endsWith('-t') ? 'therapist' : 'patient'];
  const [value, date] = [number(it.value, language), day(it.date, wording)];
  const half = it.error === undefined ? undefined : number(it.error, language);
  const error = half === undefined ? says.unknownError : says.plusMinus(half);
  if (it.kind === 'dyad') return `${says.dyad(value, date)} (${error})`;
  if (it.kind === 'total')
    return `${says.total(who, value, it.of === undefined ? '?' : number(it.of, language), String(it.answered ?? '?'), date)} (${error})`;
  const verdict = says.verdicts[it.verdict ?? ''];
  const known = [verdict, half === undefined ? undefined : says.critical(half)].filter((one) => one !== undefined);
  return `${says.change(who, value, date)} (${known.length === 0 ? says.noVerdict : known.join(', ')})`;
}
