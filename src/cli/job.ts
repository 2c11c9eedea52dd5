import { Argument, Command, InvalidArgumentError } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { runOnce } from '../jobs/run-once.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { contentOf, contextOf, serverOf, stateOf } from './compose.ts';
import { EXIT } from './exit.ts';
import type { JobRequest, NamedJob } from './jobs/named-job.ts';
import { JOBS } from './jobs/registry.ts';
import { holderOf } from './jobs/run-options.ts';
import { output } from './print.ts';
import { progressBar } from './progress.ts';
import { safetyOf } from './safety-path.ts';

interface Options extends Pick<JobRequest, 'all' | 'since' | 'dryRun'> {
  readonly json?: true;
}

export const jobCommand = (): Command =>
  new Command('job')
    .description('one run of a job, then exit')
    .addArgument(new Argument('<job>', 'which').choices(JOBS.map((it) => it.name)))
    .option('--all', 'everything, whatever the checkpoint says')
    .option('--since <instant>', 'from this instant (ISO, with zone) instead of the checkpoint', instant)
    .option('--dry-run', 'write nothing, leave the checkpoint')
    .option('--json', 'one JSON object on stdout')
    .action(async (name: string, { json, ...asked }: Options) => {
      const job = JOBS.find((it) => it.name === name);
      if (job === undefined) throw new InvalidArgumentError(name);
      const config = readConfig(process.env);
      const content = await contentOf(config);
      const ports: AlliancePorts = {
        server: serverOf(config),
        context: contextOf(config, content),
        state: await stateOf(config),
        safety: safetyOf(config, content),
      };
      try {
        const result = await runJob(job, ports, config, asked);
        output(json ?? false, result, () => job.table(result));
        if (job.troubled(result)) process.exitCode = EXIT.refused;
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

/** One run under the job’s lock, with a bar on a terminal. */
export async function runJob(
  job: NamedJob,
  ports: AlliancePorts,
  config: Config,
  asked: Pick<JobRequest, 'all' | 'since' | 'dryRun'>,
): Promise<object> {
  const bar = progressBar(job.name);
  try {
    return await runOnce({
      state: ports.state,
      job: job.name,
      holder: holderOf(),
      run: (signal) => job.run(ports, config, { ...asked, signal, onProgress: bar.update }),
    });
  } finally {
    bar.stop();
  }
}
