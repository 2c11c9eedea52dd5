import { createHash } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import type { CohortPatient } from '../../analysis/cohort-data.ts';
import { csvLines, DICTIONARY, type PatientRatings } from '../../pipeline/cohort/csv.ts';
import { manifestOf } from '../../pipeline/cohort/manifest.ts';
import { reIdentificationRisks } from '../../pipeline/cohort/re-identification.ts';
import { VERSION } from '../compose.ts';
import { say } from '../print.ts';
import type { Reporting } from './reporting.ts';

/** Groups of patients below this size are counted as easy to find. */
const SMALL = 5;
/** Nobody but the owner reads what is written. */
const OWNER_ONLY = 0o600;

/**
 * Streams the data set into a file, and its manifest beside it. Until it is whole it stands under another name, which is
 * removed where the reading fails.
 */
export async function writeExport(reporting: Reporting): Promise<void> {
  const { options, reading, content, config, blinding, at } = reporting;
  const file = options.out ?? '';
  const part = `${file}.part`;
  const seen: CohortPatient[] = [];
  const counted = { ratings: 0 };
  const digest = await writeLines(part, noting(reading.patients, seen, counted));
  const base = manifestOf(reading.tally, {
    software: VERSION,
    at,
    study: config.STUDY,
    blinding,
    content,
    deviations: [],
    included: seen.length,
    ratings: counted.ratings,
    dataDigest: digest,
  });
  const { purpose, approval } = options;
  const manifest = { ...base, purpose, approval, dictionary: DICTIONARY, reIdentification: risksOf(seen) };
  await writeFile(`${file}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: OWNER_ONLY });
  await rename(part, file);
  say(`${counted.ratings} ratings of ${seen.length} patients in ${file}, its manifest beside it.`);
}

/** Writes line by line; gives the SHA-256 of what was written. */
async function writeLines(part: string, cohort: AsyncIterable<PatientRatings>): Promise<string> {
  const [hash, handle] = [createHash('sha256'), await open(part, 'w', OWNER_ONLY)];
  try {
    for await (const line of csvLines(cohort)) {
      hash.update(line);
      await handle.write(line);
    }
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Passes patients through and keeps of each what the risk of re-identification is computed from. */
async function* noting(
  patients: AsyncIterable<PatientRatings>,
  seen: CohortPatient[],
  counted: { ratings: number },
): AsyncGenerator<PatientRatings> {
  for await (const it of patients) {
    seen.push({ ...it.patient, visits: [] });
    counted.ratings += it.rows.length;
    yield it;
  }
}

const risksOf = (patients: readonly CohortPatient[]) =>
  reIdentificationRisks(
    { arms: [], visits: [], scale: { min: 12, max: 84 }, patients, therapists: [], rows: [] },
    [['age'], ['age', 'site'], ['age', 'site', 'arm'], ['age', 'site', 'arm', 'left']],
    SMALL,
  );
