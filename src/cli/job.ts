import { setTimeout as pause } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { runOnce } from '../jobs/run-once.ts';
import type { AllianceRun } from '../pipeline/alliance-run.ts';
import { type AlliancePorts, computeAlliance } from '../pipeline/compute-alliance.ts';
import { contentOf, contextOf, holderOf, serverOf, stateOf } from './compose.ts';
import { EXIT } from './exit.ts';
import { output } from './print.ts';
import { progressBar } from './progress.ts';
import { runTable } from './run-table.ts';

interface Options {
  readonly all?: true;
  readonly since?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export const jobCommand = (): Command =>
  new Command('job')
    .description('one run of a job, then exit')
    .addArgument(new Argument('<job>', 'which').choices(['alliance']))
    .option('--all', 'everything, whatever the checkpoint says')
    .option('--since <instant>', 'from this instant (ISO, with zone) instead of the checkpoint', instant)
    .option('--dry-run', 'write nothing, leave the checkpoint')
    .option('--json', 'one JSON object on stdout')
    .action(async (_job: string, options: Options) => {
      const config = readConfig(process.env);
      const content = await contentOf(config);
      const ports: AlliancePorts = {
        server: serverOf(config),
        context: contextOf(config, content),
        state: await stateOf(config),
      };
      try {
        const run = await runAlliance(ports, config, options);
        output(options.json ?? false, run, () => runTable(run));
        if (run.refused > 0 || run.failed > 0) process.exitCode = EXIT.refused;
      } finally {
        await ports.state.close();
      }
    });

function instant(text: string): string {
  const time = Date.parse(text);
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time))
    throw new InvalidArgumentError('An instant has a date, a time and a zone: 2025-01-01T00:00:00Z.');
  return new Date(time).toISOString();
}

/** One alliance run under the job’s lock, with a bar on a terminal. */
export async function runAlliance(ports: AlliancePorts, config: Config, options: Options): Promise<AllianceRun> {
  const bar = progressBar('alliance');
  try {
    return await runOnce({
      state: ports.state,
      job: 'alliance',
      holder: holderOf(),
      run: (signal) => computeAlliance(ports, { ...runOptions(config), ...options, signal, onProgress: bar.update }),
    });
  } finally {
    bar.stop();
  }
}

/** What every alliance run of this process has in common. */
export const runOptions = (config: Config) => ({
  overlapMs: config.FHIR_COMMIT_LAG_SECONDS * 1000,
  now: Date.now,
  holder: holderOf(),
  pause: (ms: number) => pause(ms),
});
