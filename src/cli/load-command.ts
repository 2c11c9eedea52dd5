import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { serverOf } from './compose.ts';
import { EXIT } from './exit.ts';
import { loadFiles } from './load.ts';
import { output } from './print.ts';

export const loadCommand = (): Command =>
  new Command('load')
    .description(
      'send Bundles (.json) or resources (.ndjson: PUT with an id, else POST) as they are, in the order given',
    )
    .argument('<file...>')
    .option('--json', 'one JSON object on stdout')
    .action(async (files: string[], options: { json?: true }) => {
      const result = await loadFiles(serverOf(readConfig(process.env)), files);
      output(
        options.json ?? false,
        result,
        () =>
          `${result.files} files: ${result.bundles} bundles, ${result.resources} resources sent, ${result.failed} refused by the server`,
      );
      if (result.failed > 0) process.exitCode = EXIT.refused;
    });
