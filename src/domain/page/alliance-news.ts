import type { Observation } from 'fhir/r4.js';
import { MEASURE } from '../derived-observation.ts';
import { daysApart, localDate, readAuthored } from '../instant.ts';
import type { OverviewInput } from '../overview.ts';
import { isAboutAnother, keptPatientSide, type Release } from '../overview-alliance.ts';
import type { Words } from '../protocol.ts';
import { literal } from '../reference.ts';

/** Measure of how the patient’s rating differs from the one at the visit before. */
export const PATIENT_CHANGE = 'wai-s-p-change';

/** A change beyond measurement error stays news for so many days after the rating. */
const NEWS_DAYS = 30;

const SAID: Readonly<Record<string, Words>> = {
  'reliable-decrease': {
    en: 'Alliance as the patient sees it: lower than before, beyond measurement error',
    es: 'Alianza según el paciente: más baja que antes, más allá del error de medida',
    ca: 'Aliança segons el pacient: més baixa que abans, més enllà de l’error de mesura',
  },
  'reliable-increase': {
    en: 'Alliance as the patient sees it: higher than before, beyond measurement error',
    es: 'Alianza según el paciente: más alta que antes, más allá del error de medida',
    ca: 'Aliança segons el pacient: més alta que abans, més enllà de l’error de mesura',
  },
};

const codeOf = (it: Observation): string | undefined => it.code.coding?.find((one) => one.system === MEASURE)?.code;
const verdictOf = (it: Observation): string => it.interpretation?.[0]?.coding?.[0]?.code ?? '';
const visitOf = (it: Observation): string | undefined =>
  it.component?.find((one) => one.code.coding?.some((c) => c.system === MEASURE && c.code === 'visit'))
    ?.valueCodeableConcept?.coding?.[0]?.code;

/** Whether an Observation says that the patient’s rating changed reliably, and lately; `nowMs` since 1970. */
export function isNews(it: Observation, nowMs: number, zone: string): boolean {
  const date = readAuthored(it.effectiveDateTime, zone)?.date;
  if (codeOf(it) !== PATIENT_CHANGE || SAID[verdictOf(it)] === undefined || date === undefined) return false;
  if (it.status !== 'final' && it.status !== 'amended') return false;
  const days = daysApart(date, localDate(nowMs, zone));
  return date <= localDate(nowMs, zone) && days <= NEWS_DAYS;
}

/** What a reader is told, and the ratings that it tells of. */
export interface AllianceNews {
  readonly text: Words;
  /** `Observation/…`: the reader was exposed to them. */
  readonly exposes: readonly string[];
}

/**
 * The newest reliable change of the patient’s rating that this viewer may be told of, by the rule of the patient page: a
 * change at a visit whose rating is kept from the viewer is no news.
 */
export function allianceNews(input: OverviewInput, release: Release): AllianceNews | undefined {
  const { record, moment, settings } = input;
  const [newest] = record.derived
    .filter((it) => isNews(it, moment.nowMs, settings.timeZone) && !isAboutAnother(it, input))
    .filter((it) => keptPatientSide(input, release, visitOf(it)) === undefined)
    .sort((a, b) => (b.effectiveDateTime ?? '').localeCompare(a.effectiveDateTime ?? ''));
  const text = newest === undefined ? undefined : SAID[verdictOf(newest)];
  if (newest === undefined || text === undefined) return undefined;
  const ratings = (newest.derivedFrom ?? []).flatMap((it) => literal(it, settings.baseUrl) ?? []);
  return { text, exposes: ratings.filter((it) => it.startsWith('Observation/')) };
}
