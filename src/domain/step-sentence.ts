import { localDate } from './instant.ts';
import type { Comparison, Protocol, Words } from './protocol.ts';
import type { Moment } from './step-readings.ts';
import type { Evidence, Overdue } from './stepping.ts';

type Language = keyof Words;
const LOCALE: Record<Language, string> = { en: 'en-GB', es: 'es-ES', ca: 'ca-ES' };
const LANGUAGES: readonly Language[] = ['en', 'es', 'ca'];

/** Names of measures in the languages of the programme, where the site or the content gives them. */
export type MeasureName = (code: string, language: Language) => string | undefined;

const number = (value: number, language: Language): string =>
  new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: 2 }).format(value);

const day = (date: string, language: Language): string =>
  new Intl.DateTimeFormat(LOCALE[language], { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${date}T12:00:00Z`),
  );

const SIGN: Record<Comparison['comparator'], string> = { '>=': '≥', '>': '>', '<=': '≤', '<': '<' };

const RESTS: Words = { en: 'It rests on', es: 'Se basa en', ca: 'Es basa en' };
const ON: Words = { en: 'on', es: 'el', ca: 'el' };
const UNCONFIRMED: Words = {
  en: 'The scoring key is not yet confirmed by this centre.',
  es: 'La clave de corrección aún no está confirmada por este centro.',
  ca: 'La clau de correcció encara no està confirmada per aquest centre.',
};
const OVERDUE: Words = {
  en: 'The regular screening is overdue.',
  es: 'El cribado periódico está atrasado.',
  ca: 'El cribratge periòdic està endarrerit.',
};
const OTHER_VERSION: Words = {
  en: 'The present level was begun under version {version} of the protocol.',
  es: 'El nivel actual se inició con la versión {version} del protocolo.',
  ca: 'El nivell actual es va iniciar amb la versió {version} del protocol.',
};

/** What a proposal is put into words from. */
export interface Said {
  readonly evidence: readonly Evidence[];
  readonly overdue?: Overdue | undefined;
  /** Version of the protocol under which the present level began, where it is another one. */
  readonly otherVersion?: string | undefined;
  readonly measureName: MeasureName;
  readonly moment: Moment;
}

/** The rule's sentence with its evidence, then everything it rests on and what a clinician must know about that. */
export function proposalSentence(rule: Protocol['rules'][number], said: Said): Words {
  const inLanguage = (language: Language): string =>
    [
      filled(rule.sentence[language], said, language),
      `${RESTS[language]}: ${said.evidence.map((it) => quoted(it, said.measureName, language)).join('; ')}.`,
      ...(said.evidence.some((it) => it.reading.keyUnconfirmed) ? [UNCONFIRMED[language]] : []),
      ...(said.overdue === undefined ? [] : [OVERDUE[language]]),
      ...(said.otherVersion === undefined ? [] : [OTHER_VERSION[language].replace('{version}', said.otherVersion)]),
    ].join(' ');
  return Object.fromEntries(LANGUAGES.map((it) => [it, inLanguage(it)])) as Record<Language, string>;
}

/** `{value}`, `{limit}` and `{date}` stand for the newest reading of the rule's first comparison. */
function filled(sentence: string, { evidence, moment }: Said, language: Language): string {
  const first = evidence[0];
  const date = first?.reading.date ?? localDate(moment.nowMs, moment.zone);
  return sentence
    .replaceAll('{value}', first === undefined ? '' : number(first.reading.value, language))
    .replaceAll('{limit}', first === undefined ? '' : number(first.comparison.value, language))
    .replaceAll('{date}', day(date, language));
}

function quoted({ reading, comparison }: Evidence, measureName: MeasureName, language: Language): string {
  const name = (code: string): string => measureName(code, language) ?? code;
  const what =
    reading.component === undefined ? name(reading.measure) : `${name(reading.measure)} · ${name(reading.component)}`;
  const limit = `${SIGN[comparison.comparator]} ${number(comparison.value, language)}`;
  return `${what} ${number(reading.value, language)} (${limit}) ${ON[language]} ${day(reading.date, language)}`;
}
