import type { Config } from '../../config.ts';
import type { LoadedContent } from '../../content/port.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { Blinding } from '../../pipeline/cohort/blinding.ts';
import type { CohortReading } from '../../pipeline/cohort/read-cohort.ts';
import type { NamedStudy } from '../../pipeline/cohort/report-now.ts';
import type { ReportLanguage } from '../../report/cohort-report.ts';

/** How the report was asked for. */
export interface ReportOptions {
  readonly format: 'json' | 'csv' | 'html' | 'fhir';
  /** Of the page. */
  readonly language: ReportLanguage;
  readonly out?: string;
  /** The measures are written to the hospital’s server. */
  readonly publish?: true;
  readonly unlockBy?: string;
  readonly reason?: string;
  readonly notATrial?: true;
  readonly purpose?: string;
  readonly approval?: string;
  /** `Patient` or `Group/…`: records by Bulk Data `$export` in place of paging. */
  readonly export?: string;
  /** Arms by Groups or a list. */
  readonly arms?: readonly string[];
  /** Exports that are analysed together, in place of the server. */
  readonly input?: readonly string[];
  /** Counts of fewer than five patients are shown. */
  readonly keepSmallCells?: true;
}

/** What both formats are written from. */
export interface Reporting {
  readonly options: ReportOptions;
  readonly config: Config;
  readonly content: LoadedContent;
  readonly server: FhirServer;
  readonly blinding: Blinding;
  /** Names of the study’s arms, in its order; none of a cohort without a study. */
  readonly arms: readonly { readonly arm: string; readonly label: string }[];
  /** The study as it calls itself. */
  readonly named: NamedStudy | undefined;
  readonly reading: CohortReading;
  /** When the reading began, ISO. */
  readonly at: string;
}
