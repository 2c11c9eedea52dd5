import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { codeSystem } from '../domain/canonicals.ts';
import { STEPPED_CARE } from '../domain/membership.ts';
import { startEmbedded } from '../embedded/server/start-embedded.ts';
import type { FhirServer } from '../fhir/port.ts';
import { publishContent } from '../pipeline/publish-content.ts';
import { pictureOf } from '../simulation/picture.ts';
import type { Year } from '../simulation/year.ts';
import { contentOf, serverOf } from './compose.ts';
import { CommandError, EXIT } from './exit.ts';
import { output, say } from './print.ts';
import { progressBar } from './progress.ts';
import { simulateCare } from './simulate-care.ts';
import { simulationTable } from './simulation-table.ts';

interface Options {
  readonly patients: number;
  readonly months: number;
  readonly seed: number;
  readonly start: string;
  readonly tickDays: number;
  readonly picture?: string;
  readonly json?: true;
}

const whole =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`A whole number from ${low} to ${high}.`);
    return value;
  };

function day(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('A date, YYYY-MM-DD.');
  return text;
}

export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('a synthetic cohort through months of stepped care on a moved clock, with every invariant checked')
    .option('--patients <n>', 'how many', whole(2, 20_000), 40)
    .option('--months <n>', 'how long', whole(1, 36), 12)
    .option('--seed <n>', 'the same seed gives the same course', whole(0, 2 ** 31), 7)
    .option('--start <date>', 'first simulated day', day, '2025-01-06')
    .option('--tick-days <n>', 'days between two looks at the programme', whole(1, 31), 7)
    .option('--picture <file>', 'also write the course as an SVG')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nWithout FHIR_BASE_URL it runs on the embedded server, in a folder that is deleted. With it, on that server, beside nothing that is not synthetic: everything it writes is tagged so, and stays.',
    )
    .action(async (options: Options) => {
      const given = readConfig(process.env);
      const year =
        given.FHIR_BASE_URL === undefined ? await onEmbedded(given, options) : await onServer(given, options);
      if (options.picture !== undefined) await writeFile(options.picture, pictureOf(year));
      output(options.json ?? false, year, () => simulationTable(year));
      if (year.violations.length > 0) process.exitCode = EXIT.refused;
    });

async function onEmbedded(given: Config, options: Options): Promise<Year> {
  const folder = await mkdtemp(join(tmpdir(), 'vincle-simulate-'));
  const embedded = await startEmbedded({ file: join(folder, 'fhir.sqlite') });
  try {
    return await run({ ...given, FHIR_BASE_URL: embedded.baseUrl }, options, 0);
  } finally {
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function onServer(given: Config, options: Options): Promise<Year> {
  await refuseBesideRealCare(serverOf(given));
  return run(given, options, given.FHIR_COMMIT_LAG_SECONDS * 1000);
}

/** The clock is moved: a real patient in stepped care would be proposed steps from a year that has not come. */
async function refuseBesideRealCare(server: FhirServer): Promise<void> {
  const params = [
    ['category', `${STEPPED_CARE}|`],
    ['_tag:not', `${codeSystem('tag')}|synthetic`],
    ['_count', '20'],
  ] as const;
  for await (const page of server.search({ type: 'CarePlan', params }))
    if (page.resources.some((it) => !it.meta?.tag?.some((tag) => tag.code === 'synthetic')))
      throw new CommandError(
        `${server.baseUrl} holds stepped-care CarePlans that are not tagged synthetic: the simulation moves the clock, and would touch them. Use another server.`,
        EXIT.usage,
      );
}

async function run(config: Config, options: Options, overlapMs: number): Promise<Year> {
  const { patients, months, seed, start, tickDays } = options;
  const prefix = `sim${seed}x${Date.now().toString(36)}`;
  say(`${patients} synthetic patients on ${config.FHIR_BASE_URL}, every id begins with ${prefix}`);
  const bar = progressBar('simulate', 'looks');
  try {
    const simulation = { patients, months, seed, start, tickDays, prefix, overlapMs, onTick: bar.update };
    const content = await contentOf(config);
    await publishContent(serverOf(config), content.resources, { replace: false, dryRun: false });
    return await simulateCare(config, content, simulation);
  } finally {
    bar.stop();
  }
}
