import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { SMALLEST_GROUP } from '../../analysis/protect-few.ts';
import { csvLine, csvLines, DICTIONARY, type PatientRatings } from '../../pipeline/cohort/csv.ts';
import { countDeviations, type DeviationCount } from '../../pipeline/cohort/deviations-of-data.ts';
import { type ExportManifest, manifestOf } from '../../pipeline/cohort/manifest.ts';
import { countRisks, type RiskCount } from '../../pipeline/cohort/re-identification.ts';
import type { ExportLine } from '../../pipeline/cohort/read-export.ts';
import { type CellCount, countCells } from '../../pipeline/cohort/small-cells.ts';
import { VERSION } from '../compose.ts';
import { say } from '../print.ts';
import { planOf } from './analysis.ts';
import type { Reporting } from './reporting.ts';

/** Nobody but the owner reads what is written. */
const OWNER_ONLY = 0o600;

/** What is counted while the data set goes by: counts alone, however many patients there are. */
interface Counted {
  patients: number;
  ratings: number;
  readonly cells: CellCount;
  readonly deviations: DeviationCount;
  readonly risks: RiskCount;
}

/**
 * Streams the data set into a file, and its manifest beside it: first as it is read, then, when it is known which cells hold
 * too few, without those. Until it is whole it stands under other names, which are removed where anything fails.
 */
export async function writeExport(reporting: Reporting): Promise<void> {
  const { options, reading } = reporting;
  const file = options.out ?? '';
  const [raw, part, manifest] = [`${file}.raw`, `${file}.part`, `${file}.manifest.json`];
  const counted: Counted = {
    patients: 0,
    ratings: 0,
    cells: countCells(),
    deviations: countDeviations(planOf(reporting.content)),
    risks: countRisks([['age'], ['age', 'site'], ['age', 'site', 'arm'], ['age', 'site', 'arm', 'left']]),
  };
  try {
    await writeLines(
      raw,
      csvLines(noting(reading.patients, counted), () => reading.tally.platform),
    );
    const digest = await writeLines(part, shown(linesOf(raw), counted, options.keepSmallCells ?? false));
    await writeFile(manifest, `${JSON.stringify(manifestBeside(reporting, counted, digest), null, 2)}\n`, {
      mode: OWNER_ONLY,
    });
    await rename(part, file);
  } catch (error) {
    await Promise.all([part, manifest].map((it) => rm(it, { force: true })));
    throw error;
  } finally {
    await rm(raw, { force: true });
  }
  say(`${counted.ratings} ratings of ${counted.patients} patients in ${file}, its manifest beside it.`);
}

function manifestBeside(reporting: Reporting, counted: Counted, dataDigest: string): unknown {
  const { options, reading, content, config, blinding, at, arms } = reporting;
  const { purpose = '', approval = '', keepSmallCells = false } = options;
  const base = manifestOf(reading.tally, {
    software: VERSION,
    at,
    study: config.STUDY,
    blinding,
    content,
    deviations: counted.deviations.deviations(),
    included: counted.patients,
    ratings: counted.ratings,
    dataDigest,
    keepsFew: keepSmallCells,
  });
  const manifest: ExportManifest = {
    ...base,
    purpose,
    approval,
    arms,
    smallCells: {
      ...base.smallCells,
      emptied: keepSmallCells ? {} : counted.cells.emptied(),
      coarsened: keepSmallCells ? {} : counted.cells.coarsened(),
    },
    dictionary: DICTIONARY,
    reIdentification: counted.risks.risks(SMALLEST_GROUP),
  };
  return manifest;
}

/** Writes line by line; gives the SHA-256 of what was written. */
async function writeLines(path: string, lines: AsyncIterable<string>): Promise<string> {
  const [hash, handle] = [createHash('sha256'), await open(path, 'w', OWNER_ONLY)];
  try {
    for await (const line of lines) {
      hash.update(line);
      await handle.write(line);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Passes patients through, and counts them. */
async function* noting(patients: AsyncIterable<PatientRatings>, counted: Counted): AsyncGenerator<PatientRatings> {
  for await (const it of patients) {
    counted.patients += 1;
    counted.ratings += it.rows.length;
    counted.cells.note(it);
    counted.deviations.note(it);
    yield it;
  }
}

/** Lines of a file by the names of their columns, as a stream. */
export const linesOf = (path: string): AsyncIterable<ExportLine> =>
  createReadStream(path).pipe(parse({ columns: true, bom: true }));

/** The lines as they are handed out; the risk is that of what is handed out. */
async function* shown(lines: AsyncIterable<ExportLine>, counted: Counted, keep: boolean): AsyncGenerator<string> {
  const names = DICTIONARY.map((it) => it.name);
  yield csvLine(names);
  let patient: string | undefined;
  for await (const line of lines) {
    const masked = keep ? line : counted.cells.masked(line);
    const { age, site, arm, left } = masked;
    if (line.patient !== patient) counted.risks.note({ age, site, arm, left });
    patient = line.patient;
    yield csvLine(names.map((it) => masked[it]));
  }
}
