import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { type Published, publishContent } from '../pipeline/publish-content.ts';
import { contentOf, serverOf } from './compose.ts';
import { EXIT } from './exit.ts';
import { output, table } from './print.ts';

interface Options {
  readonly json?: true;
  readonly replace?: true;
  readonly dryRun?: true;
}

const ASKS: ReadonlySet<Published['state']> = new Set(['would replace', 'refused']);

export const publishCommand = (): Command =>
  new Command('publish')
    .description('send profiles and questionnaires to the FHIR server; says what it would replace')
    .option('--replace', 'write over what stands there with other content')
    .option('--dry-run', 'write nothing')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: Options) => {
      const config = readConfig(process.env);
      const content = await contentOf(config);
      const published = await publishContent(serverOf(config, 'PUBLISH'), content.resources, {
        replace: options.replace ?? false,
        dryRun: options.dryRun ?? false,
      });
      output(options.json ?? false, summary(published), () => report(published));
      if (published.some((it) => ASKS.has(it.state))) process.exitCode = EXIT.refused;
    });

const counted = (published: readonly Published[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(published, (it) => it.state)].map(([state, all]) => [state, all.length]));

const summary = (published: readonly Published[]) => ({ ...counted(published), resources: published });

function report(published: readonly Published[]): string {
  const shown = published.filter((it) => it.state !== 'same');
  const rows = shown.map((it) => [it.resource, it.version ?? '', it.state, it.detail ?? '']);
  const counts = Object.entries(counted(published)).map(([state, count]) => `${count} ${state}`);
  const hint = published.some((it) => it.state === 'would replace')
    ? '\nNothing of that was written over: run again with --replace to do so.'
    : '';
  return `${rows.length === 0 ? '' : `${table(['resource', 'version', 'state', 'what stands there'], rows)}\n\n`}${counts.join(' · ')}${hint}`;
}
