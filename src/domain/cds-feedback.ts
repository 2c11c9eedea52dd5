import type { CodeableConcept, MeasureReport, MeasureReportGroupStratifierStratum } from 'fhir/r4.js';
import { BASE } from './canonicals.ts';
import { CDS_CARD, OVERRIDE_REASON } from './cds-card.ts';
import { identify } from './derived-identity.ts';

/** The Measure that says what is counted. */
export const CDS_MEASURE = `${BASE}/Measure/cds-feedback`;
export const REPORT_IDENTIFIER = `${BASE}/identifier/measure-report`;
const POPULATION = 'http://terminology.hl7.org/CodeSystem/measure-population';

/** What one person did with one card: nothing about whom, nothing that somebody wrote. */
export interface CardFeedback {
  /** As `cardKey` gives it; `unknown` where the card is of no rule in force. */
  readonly key: string;
  readonly outcome: 'accepted' | 'overridden';
  /** Code of `CodeSystem/cds-override-reason`, of an overridden card. */
  readonly reason?: string;
  /** Local calendar month, `2026-11`. */
  readonly month: string;
}

/** How often cards of one key were accepted and overridden, and for which reasons. */
export interface FeedbackCount {
  readonly accepted: number;
  readonly overridden: number;
  /** By code of `CodeSystem/cds-override-reason`. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** By key of the card. */
export type FeedbackCounts = Readonly<Record<string, FeedbackCount>>;

/** Id and identifier of the report of one month. */
export const reportId = (month: string): string => identify(`cds-feedback|${month}`);

/** The counts with some more. */
export function counted(counts: FeedbackCounts, more: readonly CardFeedback[]): FeedbackCounts {
  const all: Record<string, FeedbackCount> = { ...counts };
  for (const { key, outcome, reason } of more) {
    const before = all[key] ?? { accepted: 0, overridden: 0, reasons: {} };
    const reasons =
      outcome === 'overridden' && reason !== undefined
        ? { ...before.reasons, [reason]: (before.reasons[reason] ?? 0) + 1 }
        : before.reasons;
    all[key] = { ...before, [outcome]: before[outcome] + 1, reasons };
  }
  return all;
}

const RULE = /^(.+)\|([^|#]+)#(.+)$/;

/** A rule as the action of a PlanDefinition in its version; anything else as a code of `CodeSystem/cds-card`. */
function concept(key: string): CodeableConcept {
  const [, system, version, code] = RULE.exec(key) ?? [];
  if (system !== undefined && version !== undefined && code !== undefined)
    return { coding: [{ system, version, code }], text: key };
  return { coding: [{ system: CDS_CARD, code: key }], text: key };
}

const population = (code: 'denominator' | 'numerator', count: number) => ({
  code: { coding: [{ system: POPULATION, code }] },
  count,
});
const answers = (of: FeedbackCount) => [
  population('denominator', of.accepted + of.overridden),
  population('numerator', of.accepted),
];

/** The summary report of one month; the same counts give the same report, whoever writes it. */
export function feedbackReport(month: string, counts: FeedbackCounts, lastDay: string, date: string): MeasureReport {
  const id = reportId(month);
  const keys = Object.keys(counts).sort();
  const sum = (outcome: 'accepted' | 'overridden') => Object.values(counts).reduce((all, it) => all + it[outcome], 0);
  const total: FeedbackCount = { accepted: sum('accepted'), overridden: sum('overridden'), reasons: {} };
  const byReason = keys.flatMap((key) =>
    Object.entries(counts[key]?.reasons ?? {})
      .sort()
      .map(
        ([reason, count]): MeasureReportGroupStratifierStratum => ({
          component: [
            { code: { text: 'card' }, value: concept(key) },
            { code: { text: 'override-reason' }, value: { coding: [{ system: OVERRIDE_REASON, code: reason }] } },
          ],
          population: [population('denominator', count), population('numerator', 0)],
        }),
      ),
  );
  const stratifiers = [
    {
      code: [{ text: 'card' }],
      stratum: keys.map((key) => ({ value: concept(key), population: answers(counts[key] ?? total) })),
    },
    ...(byReason.length === 0 ? [] : [{ code: [{ text: 'override-reason' }], stratum: byReason }]),
  ];
  return {
    resourceType: 'MeasureReport',
    id,
    identifier: [{ system: REPORT_IDENTIFIER, value: id }],
    status: 'complete',
    type: 'summary',
    measure: `${CDS_MEASURE}|1.0.0`,
    date,
    period: { start: `${month}-01`, end: lastDay },
    group: [
      {
        code: { coding: [{ system: CDS_CARD, code: 'any' }] },
        population: answers(total),
        measureScore: { value: share(total) },
        stratifier: stratifiers,
      },
    ],
  };
}

const share = ({ accepted, overridden }: FeedbackCount): number =>
  accepted + overridden === 0 ? 0 : Math.round((accepted / (accepted + overridden)) * 1e6) / 1e6;

const countOf = (it: MeasureReportGroupStratifierStratum, code: string): number =>
  it.population?.find((one) => one.code?.coding?.some((c) => c.code === code))?.count ?? 0;

/** The counts that a report holds; none where there is no report. */
export function countsIn(report: MeasureReport | undefined): FeedbackCounts {
  const all: Record<string, FeedbackCount> = {};
  const stratifiers = report?.group?.[0]?.stratifier ?? [];
  const strata = (name: string) => stratifiers.find((it) => it.code?.[0]?.text === name)?.stratum ?? [];
  for (const it of strata('card')) {
    const accepted = countOf(it, 'numerator');
    const key = it.value?.text;
    if (key !== undefined) all[key] = { accepted, overridden: countOf(it, 'denominator') - accepted, reasons: {} };
  }
  for (const it of strata('override-reason')) {
    const [card, reason] = [it.component?.[0]?.value.text, it.component?.[1]?.value.coding?.[0]?.code];
    const known = card === undefined ? undefined : all[card];
    if (card === undefined || reason === undefined || known === undefined) continue;
    all[card] = { ...known, reasons: { ...known.reasons, [reason]: countOf(it, 'denominator') } };
  }
  return all;
}
