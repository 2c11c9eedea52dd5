import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { type Config, readConfig } from '../../config.ts';
import { localDate } from '../../domain/instant.ts';
import { idOf } from '../../domain/reference.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { GivenArms } from '../../pipeline/cohort/arms.ts';
import { type Blinding, blindingOf } from '../../pipeline/cohort/blinding.ts';
import { exportAudit } from '../../pipeline/cohort/export-audit.ts';
import { closureOf, type StudyClosure } from '../../pipeline/cohort/leaving.ts';
import { notATrial, TrialError } from '../../pipeline/cohort/not-a-trial.ts';
import { type NotedQueries, noteQueries } from '../../pipeline/cohort/noted-queries.ts';
import { pseudonymsOf } from '../../pipeline/cohort/pseudonyms.ts';
import { type CohortReading, readCohort } from '../../pipeline/cohort/read-cohort.ts';
import { namedStudy } from '../../pipeline/cohort/report-now.ts';
import type { PipelineContext } from '../../pipeline/context.ts';
import { REPORT_LANGUAGES } from '../../report/cohort-report.ts';
import { contentOf, contextOf, serverOf } from '../compose.ts';
import { CommandError, EXIT } from '../exit.ts';
import { progressBar } from '../progress.ts';
import { writeAnalysis, writeMeasures, writePage } from './analysis.ts';
import { armsFrom } from './arms-from.ts';
import { cohortKey } from './cohort-key.ts';
import { writeExport } from './export.ts';
import { reportPooled } from './pooled.ts';
import { readFrom } from './read-by-export.ts';
import type { Reporting, ReportOptions } from './reporting.ts';

/** The alliance analysis of the cohort, or its data set. */
export const reportCohortCommand = (): Command =>
  new Command('cohort')
    .description(
      'the analysis of the alliance in the cohort (html to read, json, fhir: measures as a transaction), or its pseudonymised data set (csv)',
    )
    .addOption(
      new Option('--format <format>', 'what is written').choices(['json', 'csv', 'html', 'fhir']).default('json'),
    )
    .addOption(new Option('--language <language>', 'of the page').choices(REPORT_LANGUAGES).default('en'))
    .option('--publish', 'fhir: writes the measures to the hospital’s server')
    .option('--out <file>', 'where it is written; csv with FILE.manifest.json beside it')
    .option('--unlock-by <name>', 'who decides to tell the arms of a running study apart; recorded and printed')
    .option('--reason <text>', 'why; recorded and printed')
    .option('--not-a-trial', 'declares that nobody in this cohort is blinded; recorded')
    .option('--purpose <text>', 'what it is for; recorded; csv and --keep-small-cells need it')
    .option('--approval <number>', 'under which number that was approved; recorded; csv and --keep-small-cells need it')
    .option('--export <level>', 'reads by Bulk Data $export in place of paging: Patient, or Group/ID')
    .option(
      '--arms <source...>',
      'arms that no ResearchSubject tells: ARM=Group/ID for each, or a CSV of patient and arm',
    )
    .option('--input <export...>', 'analyses exports of several sites together, each with its manifest beside it')
    .option(
      '--keep-small-cells',
      'tells values of fewer than five patients too; needs --purpose and --approval; recorded',
    )
    .action(async (options: ReportOptions) => (options.input === undefined ? report(options) : reportPooled(options)));

async function report(options: ReportOptions): Promise<void> {
  const config = readConfig(process.env);
  demand(options, config);
  const content = await contentOf(config);
  const { server, noted } = noteQueries(serverOf(config));
  const context = contextOf(config, content);
  const key = config.COHORT_KEY_FILE === undefined ? randomBytes(32) : await cohortKey(config.COHORT_KEY_FILE);
  const study = config.STUDY === undefined ? undefined : await server.read('ResearchStudy', idOf(config.STUDY));
  if (options.notATrial && (study?.arm ?? []).length > 1) throw aTrial(config.STUDY ?? '');
  const blinding = blindingFrom(options, config.STUDY, study?.status);
  if (options.format === 'csv' && blinding.masked)
    throw new CommandError(
      `The data set is not exported: ${blinding.because}. Arms stay masked until the study has ended, a person unlocks them (--unlock-by, --reason) or the cohort is declared no trial (--not-a-trial).`,
      EXIT.refused,
    );
  const at = new Date().toISOString();
  if (!blinding.masked) await record(server, options, blinding, config.STUDY, at);
  const givenArms = await armsFrom(options.arms, server);
  const from = await readFrom(options.export, server, { config, context });
  const bar = progressBar('report');
  const reading = readWith({
    config,
    content,
    server: from.server,
    context,
    key,
    at,
    givenArms,
    noted,
    closure: closureOf(study, localDate(Date.parse(at), config.TIME_ZONE), config.TIME_ZONE),
    readBy: options.export === undefined ? undefined : `${options.export}/$export`,
    onProgress: (done) => bar.update(done, done),
  });
  const arms = (study?.arm ?? []).map((it) => ({ arm: it.name, label: it.name }));
  try {
    const patients = options.notATrial ? declaredNoTrial(reading.patients) : reading.patients;
    const reporting = {
      options,
      config,
      content,
      server,
      blinding,
      arms,
      named: namedStudy(study),
      reading: { ...reading, patients },
      at,
    };
    await WRITE[options.format](reporting);
  } finally {
    bar.stop();
    from.close();
  }
}

const aTrial = (study: string): CommandError =>
  new CommandError(
    `${study} compares arms: it is a trial. A named person unlocks it (--unlock-by, --reason).`,
    EXIT.usage,
  );

/** The refusal in the command’s words. */
async function* declaredNoTrial(patients: CohortReading['patients']): CohortReading['patients'] {
  try {
    yield* notATrial(patients);
  } catch (error) {
    throw error instanceof TrialError ? aTrial(error.study) : error;
  }
}

const WRITE: Readonly<Record<ReportOptions['format'], (reporting: Reporting) => Promise<void>>> = {
  csv: writeExport,
  fhir: writeMeasures,
  html: writePage,
  json: writeAnalysis,
};

/** What a data set needs is asked for before anything is read. */
function demand(options: ReportOptions, config: Config): void {
  const { format, out, publish, purpose, approval, unlockBy, reason, keepSmallCells } = options;
  const isApproved = format === 'csv' || keepSmallCells;
  const missing = [
    ...(format === 'csv' && config.COHORT_KEY_FILE === undefined ? ['the setting COHORT_KEY_FILE'] : []),
    ...(format === 'csv' && out === undefined ? ['--out'] : []),
    ...(isApproved && !purpose?.trim() ? ['--purpose'] : []),
    ...(isApproved && !approval?.trim() ? ['--approval'] : []),
    ...(publish && format !== 'fhir' ? ['--format fhir beside --publish'] : []),
    ...(unlockBy !== undefined && !reason?.trim() ? ['--reason beside --unlock-by'] : []),
    ...(reason !== undefined && !unlockBy?.trim() ? ['--unlock-by beside --reason'] : []),
  ];
  if (missing.length > 0) throw new CommandError(`This report needs ${missing.join(', ')}.`, EXIT.usage);
}

const blindingFrom = (
  { notATrial: declared, unlockBy, reason }: ReportOptions,
  study: string | undefined,
  status: string | undefined,
): Blinding =>
  blindingOf({
    declaredNotATrial: declared ?? false,
    none: study === undefined,
    status,
    ...(unlockBy === undefined ? {} : { unlock: { person: unlockBy, reason: reason ?? '' } }),
  });

/** Nothing is handed out that is not on record: where the server does not take the AuditEvent the command fails. */
async function record(
  server: FhirServer,
  { format, purpose, approval, keepSmallCells, publish }: ReportOptions,
  blinding: Blinding,
  study: string | undefined,
  at: string,
): Promise<void> {
  const unlock = 'unlock' in blinding ? blinding.unlock : undefined;
  const { baseUrl } = server;
  const resource = exportAudit({
    at,
    format,
    baseUrl,
    study,
    purpose,
    approval,
    unlock,
    keepsFew: keepSmallCells ?? false,
    published: publish ?? false,
    because: blinding.because,
  });
  await server.write({ method: 'POST', resource });
}

interface ReadParts extends Pick<Reporting, 'config' | 'content' | 'server' | 'at'> {
  readonly context: PipelineContext;
  readonly key: Uint8Array;
  readonly givenArms: GivenArms | undefined;
  readonly noted: NotedQueries;
  readonly closure: StudyClosure | undefined;
  readonly readBy: string | undefined;
  readonly onProgress: (patients: number) => void;
}

const readWith = ({ config, content, server, context, key, at, ...rest }: ReadParts): CohortReading =>
  readCohort(server, context, {
    visits: content.analysisPlan?.visits ?? [],
    code: pseudonymsOf(key),
    site: config.SITE ?? 'Organization/unknown',
    nowMs: Date.parse(at),
    ...rest,
  });
