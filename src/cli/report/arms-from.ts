import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { FhirServer } from '../../fhir/port.ts';
import { armsOfGroups, armsOfList, type GivenArms } from '../../pipeline/cohort/arms.ts';
import { CommandError, EXIT } from '../exit.ts';

const GROUP = /^([^=]+)=(Group\/[A-Za-z0-9.-]{1,64})$/;

/**
 * Arms as `--arms` names them: `ARM=Group/ID`, one for each arm, or one CSV file with the columns `patient`
 * (`Patient/ID`) and `arm`. Nothing where it names none.
 * @throws CommandError where it is neither, or a line of the file says no patient or no arm; never quotes a line
 */
export async function armsFrom(
  sources: readonly string[] | undefined,
  server: FhirServer,
): Promise<GivenArms | undefined> {
  if (sources === undefined) return undefined;
  const groups = sources.flatMap((it) => {
    const [, arm, group] = GROUP.exec(it) ?? [];
    return arm === undefined || group === undefined ? [] : [{ arm, group }];
  });
  if (groups.length === sources.length) return armsOfGroups(server, groups);
  const [file] = sources;
  if (file === undefined || sources.length > 1)
    throw new CommandError('--arms takes ARM=Group/ID for each arm, or one file.', EXIT.usage);
  return armsOfFile(file);
}

async function armsOfFile(file: string): Promise<GivenArms> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`The list of arms cannot be read (${cause.code}).`, EXIT.usage);
  });
  const lines = linesOf(text);
  const faulty = lines.findIndex((it) => !/^Patient\/[A-Za-z0-9.-]{1,64}$/.test(it.patient ?? '') || !it.arm?.trim());
  if (lines.length === 0 || faulty >= 0)
    throw new CommandError(
      `The list of arms needs the columns patient (Patient/ID) and arm; see line ${faulty + 2}.`,
      EXIT.usage,
    );
  const arms = lines.map((it) => ({ patient: it.patient ?? '', arm: it.arm?.trim() ?? '' }));
  return armsOfList(arms, createHash('sha256').update(text).digest('hex'));
}

function linesOf(text: string): readonly Readonly<Record<string, string>>[] {
  try {
    return parse(text, { columns: true, bom: true, trim: true });
  } catch {
    throw new CommandError('The list of arms is no CSV.', EXIT.usage);
  }
}
