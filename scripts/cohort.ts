/**
 * Writes a synthetic cohort as Bundles for `vincle load`: `npm run cohort -- --patients 24 --seed 7 --out FOLDER`.
 * FOLDER/first holds what a hospital has at first, FOLDER/second what arrives and changes later; FOLDER/cohort.json the
 * settings and what happened to which response. `--responses N` writes exactly N faultless responses instead.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  type CohortOptions,
  faultNotes,
  type Part,
  settingsOf,
  streamCohort,
} from '../src/embedded/cohort/generate-cohort.ts';

interface Given extends CohortOptions {
  readonly out: string;
}

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
};

const { out, ...options } = new Command('cohort')
  .option('--patients <n>', 'patients of the study', wholeNumber, 24)
  .option('--seed <n>', 'the same seed gives the same cohort', wholeNumber, 7)
  .option('--responses <n>', 'exactly so many responses, without faults', wholeNumber)
  .option('--start <date>', 'first day of recruitment, YYYY-MM-DD')
  .option('--study <id>', 'id of the ResearchStudy')
  .option('--id-prefix <prefix>', 'before every id')
  .option('--other-forms', 'also another publisher’s form under its own id: only for a server that holds nothing real')
  .option('--no-faults', 'nothing late, twice, amended or wrong')
  .requiredOption('--out <folder>', 'a new or empty folder')
  .parse()
  .opts<Given>();

/** One file a transaction, named so that their order is the order of sending. */
async function writePart(part: Part): Promise<number> {
  const folder = join(out, part);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
  let count = 0;
  for await (const bundle of streamCohort(options, part)) {
    await writeFile(join(folder, `${String(count).padStart(5, '0')}.json`), JSON.stringify(bundle));
    count += 1;
  }
  return count;
}

try {
  const [first, second] = [await writePart('first'), await writePart('second')];
  const about = { ...settingsOf(options), faults: [...faultNotes(options)] };
  await writeFile(join(out, 'cohort.json'), JSON.stringify(about, undefined, 2));
  console.error(`${first} Bundles in ${join(out, 'first')}, ${second} in ${join(out, 'second')}`);
  console.error(`STUDY=${about.study} EPISODE_TYPE='${about.episodeType}'`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
