import type { CohortArm } from '../../analysis/cohort-data.ts';
import type { Deviation } from '../../analysis/plan.ts';
import { reasonsWithoutFew, SMALLEST_GROUP } from '../../analysis/protect-few.ts';
import type { LoadedContent } from '../../content/port.ts';
import type { Blinding } from './blinding.ts';
import type { DICTIONARY } from './csv.ts';
import type { ReIdentificationRisk } from './re-identification.ts';
import type { CohortTally } from './read-cohort.ts';

/** What stands beside every report and export: enough to say what was read, by which versions, and what to doubt. */
export interface CohortManifest {
  readonly software: string;
  /** When the reading began. */
  readonly at: string;
  readonly study: string | undefined;
  readonly blinding: Blinding;
  readonly content: string;
  readonly visitWindows: string;
  readonly plan: { readonly version: string; readonly date: string; readonly digest: string };
  readonly deviations: readonly Deviation[];
  readonly queries: readonly string[];
  readonly checks: {
    readonly participants: number;
    readonly included: number;
    readonly leftOut: Readonly<Record<string, number>>;
    readonly ratings: number;
    /** Ratings that counted beside the one of their visit and rater. */
    readonly ratingsBeside: number;
    /** Kinds of contact that the server tells of; of the others the number is unknown. */
    readonly contactsTold: readonly string[];
    /** Whether the cohort changed while it was read; `unknown` where the server cannot say. */
    readonly changedWhileRead: boolean | 'unknown';
    /** Whether deletions could be looked for; `not-read`: the server shows no history of all it holds. */
    readonly deletions?: 'read' | 'not-read';
    /** Whether the server could be asked who had been shown the other’s rating before rating. */
    readonly exposures: 'read' | 'not-read';
  };
  /** Whether values of fewer than `threshold` patients are hidden. */
  readonly smallCells: { readonly threshold: number; readonly suppressed: boolean };
  /** SHA-256 of the data set: of the CSV file, or of the rows and patients that were analysed. */
  readonly dataDigest: string;
  /** Where exports of several sites were analysed together: each of them. */
  readonly inputs?: readonly PooledInput[];
}

/** One of the exports that were analysed together. */
export interface PooledInput
  extends Pick<CohortManifest, 'software' | 'at' | 'blinding' | 'dataDigest' | 'study'>,
    Pick<ExportManifest, 'purpose' | 'approval' | 'smallCells'> {
  /** As given by who pools. */
  readonly name: string;
}

/** The manifest beside a data set. */
export interface ExportManifest extends CohortManifest {
  /** What the data set is for, and under which number that was approved. */
  readonly purpose: string;
  readonly approval: string;
  /** The study’s arms, in its order. */
  readonly arms: readonly CohortArm[];
  /** With how many patients lost the value of a cell, and how many have it coarser, by column. */
  readonly smallCells: SmallCells;
  readonly dictionary: typeof DICTIONARY;
  readonly reIdentification: readonly ReIdentificationRisk[];
}

export interface SmallCells {
  readonly threshold: number;
  readonly suppressed: boolean;
  readonly emptied: Readonly<Record<string, number>>;
  readonly coarsened?: Readonly<Record<string, number>>;
}

/** What the manifest needs beside the tally of the reading. */
export interface ManifestParts
  extends Pick<CohortManifest, 'software' | 'at' | 'study' | 'blinding' | 'deviations' | 'dataDigest'> {
  readonly inputs?: readonly PooledInput[];
  readonly content: LoadedContent;
  readonly included: number;
  readonly ratings: number;
  /** Values of few patients are told too. */
  readonly keepsFew: boolean;
}

/** The manifest of a reading that has ended. */
export function manifestOf(
  tally: CohortTally,
  { content, included, ratings, keepsFew, ...rest }: ManifestParts,
): CohortManifest {
  const { analysisPlan: plan, analysisPlanDigest: digest } = content;
  const leftOut = Object.fromEntries(tally.leftOut);
  return {
    ...rest,
    smallCells: { threshold: SMALLEST_GROUP, suppressed: !keepsFew },
    content: content.digest,
    visitWindows: content.visits.version,
    plan: { version: plan?.version ?? '', date: plan?.date ?? '', digest },
    queries: tally.queries,
    checks: {
      participants: tally.read,
      included,
      leftOut: keepsFew ? leftOut : reasonsWithoutFew(leftOut),
      ratings,
      ratingsBeside: tally.ratingsBeside,
      contactsTold: tally.fed,
      changedWhileRead: tally.changed ?? 'unknown',
      deletions: tally.deletions,
      exposures: tally.exposures,
    },
  };
}
