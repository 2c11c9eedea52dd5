import { createHash } from 'node:crypto';
import type { AnalysisOptions } from '../../analysis/analyse-cohort.ts';
import { canonical, canonicalText } from '../../analysis/canonical.ts';
import type { CohortArm, CohortData, CohortPatient, CohortRow } from '../../analysis/cohort-data.ts';
import type { AnalysisPlan } from '../../analysis/plan.ts';
import { protectFew } from '../../analysis/protect-few.ts';
import type { CohortAnalysis } from '../../analysis/result.ts';
import type { LoadedContent } from '../../content/port.ts';
import type { ReliableChangeParameters } from '../../domain/programme.ts';
import type { Blinding } from './blinding.ts';
import { type CohortManifest, manifestOf, type PooledInput } from './manifest.ts';
import { ALLIANCE } from './observed.ts';
import type { CohortReading } from './read-cohort.ts';

/** Bounds of the total of the WAI-S (contract, Questionnaires). */
const SCALE = { min: 12, max: 84 } as const;

/** A reading with what its analysis and its manifest need. */
export interface CohortReadingParts {
  readonly content: LoadedContent;
  readonly plan: AnalysisPlan;
  readonly reading: CohortReading;
  readonly blinding: Blinding;
  /** Names of the study’s arms, in its order. */
  readonly arms: readonly CohortArm[];
  /** When the reading began, ISO. */
  readonly at: string;
  readonly software: string;
  /** `ResearchStudy/…` */
  readonly study: string | undefined;
  /** Scores, changes and verdicts of fewer than five patients are told too. */
  readonly keepsFew?: boolean;
  /** The exports that are read, where they are. */
  readonly inputs?: readonly PooledInput[];
}

/** Where the analysis runs: here, or where it holds nobody up. */
export type Analyse = (
  data: CohortData,
  plan: AnalysisPlan,
  options: Omit<AnalysisOptions, 'onPart'>,
) => CohortAnalysis | Promise<CohortAnalysis>;

/** The analysis of a cohort with everything that a report of it says. */
export interface AnalysedCohort {
  readonly analysis: CohortAnalysis;
  readonly manifest: CohortManifest;
  readonly plan: AnalysisPlan;
  /** None where arms are masked. */
  readonly arms: readonly CohortArm[];
  readonly scale: typeof SCALE;
  /** Instruments of this cohort whose key nobody at the site has confirmed. */
  readonly unconfirmed: readonly string[];
}

/**
 * Reads the whole cohort and analyses it.
 * @throws FhirError where the server is not reached, also in the middle
 */
export async function analyseReading(parts: CohortReadingParts, analyse: Analyse): Promise<AnalysedCohort> {
  const { content, plan, reading, blinding, arms, keepsFew = false, ...told } = parts;
  const [patients, rows]: [CohortPatient[], CohortRow[]] = [[], []];
  for await (const it of reading.patients) {
    patients.push(it.patient);
    rows.push(...it.rows);
  }
  const { tally } = reading;
  const data = canonical({
    arms: armsOf(arms, patients),
    visits: plan.visits,
    scale: SCALE,
    patients,
    rows,
    therapists: tally.therapists,
  });
  const parameters = { masked: blinding.masked, reliableChange: parametersOf(content, rows) };
  const analysis = await analyse(data, plan, parameters);
  const manifest = manifestOf(tally, {
    ...told,
    blinding,
    content,
    keepsFew,
    deviations: analysis.deviations,
    included: patients.length,
    ratings: rows.length,
    dataDigest: createHash('sha256').update(canonicalText(data)).digest('hex'),
  });
  return {
    analysis: keepsFew ? analysis : protectFew(analysis),
    manifest,
    plan,
    arms: blinding.masked ? [] : data.arms,
    scale: SCALE,
    unconfirmed: unconfirmedOf(content, rows),
  };
}

/** The study’s arms that somebody is in, in its order, then those it does not name. */
function armsOf(named: readonly CohortArm[], patients: readonly CohortPatient[]): CohortData['arms'] {
  const found = new Set(patients.flatMap((it) => it.arm ?? []));
  const known = new Set(named.map((it) => it.arm));
  const others = [...found].filter((it) => !known.has(it)).sort();
  return [...named.filter((it) => found.has(it.arm)), ...others.map((arm) => ({ arm, label: arm }))];
}

/** The site’s parameters of reliable change for the raters and languages of this cohort. */
function parametersOf(content: LoadedContent, rows: readonly CohortRow[]): readonly ReliableChangeParameters[] {
  const languages = new Set(rows.map((it) => it.language));
  const found = Object.keys(ALLIANCE).flatMap((id) =>
    [...languages].flatMap((language) => content.reliableChange(id, language) ?? []),
  );
  return [...new Set(found)];
}

/** Instruments that somebody was rated with under a key that is not confirmed for that language. */
function unconfirmedOf(content: LoadedContent, rows: readonly CohortRow[]): readonly string[] {
  const used = Object.entries(ALLIANCE).flatMap(([instrument, rater]) =>
    [...new Set(rows.filter((it) => it.rater === rater).map((it) => it.language))].map(
      (language) => [instrument, language] as const,
    ),
  );
  return [...new Set(used.filter(([id, language]) => !content.keyConfirmed(id, language)).map(([id]) => id))];
}
