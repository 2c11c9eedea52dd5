import { writeFile } from 'node:fs/promises';
import { analyseCohort } from '../../analysis/analyse-cohort.ts';
import type { AnalysisPlan } from '../../analysis/plan.ts';
import type { LoadedContent } from '../../content/port.ts';
import { type AnalysedCohort, analyseReading } from '../../pipeline/cohort/analyse-reading.ts';
import { cohortPage } from '../../report/cohort-page.ts';
import { cohortBundle } from '../../report/fhir/cohort-bundle.ts';
import { VERSION } from '../compose.ts';
import { CommandError, EXIT } from '../exit.ts';
import { say } from '../print.ts';
import type { Reporting, ReportOptions } from './reporting.ts';

/** Reads the whole cohort and prints its analysis with its manifest, one JSON object. */
export async function writeAnalysis(reporting: Reporting): Promise<void> {
  await written(reporting.options, jsonOf(await analysed(reporting)));
}

/** An analysis with its manifest as one JSON object; totals of single dyads only where values of few patients are told. */
export const jsonOf = ({ manifest, analysis }: AnalysedCohort): string =>
  `${JSON.stringify({ manifest, analysis }, manifest.smallCells.suppressed ? withoutPoints : undefined)}\n`;

const withoutPoints = (key: string, value: unknown): unknown => (key === 'points' ? undefined : value);

/** Reads the whole cohort and writes its report: one page that needs nothing else. */
export async function writePage(reporting: Reporting): Promise<void> {
  const { named, options } = reporting;
  const cohort = await analysed(reporting);
  const page = cohortPage({ ...cohort, ...(named === undefined ? {} : { study: named }) }, options.language);
  await written(options, page);
}

/** The measures of the cohort as a transaction Bundle; with `--publish` the hospital’s server has taken it first. */
export async function writeMeasures(reporting: Reporting): Promise<void> {
  const { named, options, server } = reporting;
  const cohort = await analysed(reporting);
  const bundle = cohortBundle({ ...cohort, ...(named === undefined ? {} : { study: named }) });
  if (options.publish) {
    await server.request('POST', '', bundle);
    say(`${bundle.entry?.length ?? 0} resources written.`);
  }
  if (!options.publish || options.out !== undefined) await written(options, `${JSON.stringify(bundle, null, 2)}\n`);
}

/** @throws CommandError where content holds no analysis plan */
export function planOf({ analysisPlan }: LoadedContent): AnalysisPlan {
  if (analysisPlan === undefined) throw new CommandError('Content holds no analysis plan.', EXIT.usage);
  return analysisPlan;
}

/** @throws CommandError where content holds no analysis plan */
export function analysed({
  content,
  blinding,
  arms,
  reading,
  at,
  config,
  options,
}: Reporting): Promise<AnalysedCohort> {
  const plan = planOf(content);
  const study = config.STUDY;
  return analyseReading(
    { content, plan, reading, blinding, arms, at, software: VERSION, study, keepsFew: options.keepSmallCells ?? false },
    analyseCohort,
  );
}

/** To the file that was named, else to stdout. */
export async function written({ out }: ReportOptions, text: string): Promise<void> {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(out, text, { mode: 0o600 });
  say(`The report is in ${out}.`);
}
