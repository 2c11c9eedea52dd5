import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../config.ts';
import { lookInShadow, type Shadow } from '../pipeline/shadow.ts';
import { contentOf, contextOf, serverOf, stateOf } from './compose.ts';
import { output } from './print.ts';
import { progressBar } from './progress.ts';
import { forecastPage, forecastText } from './shadow-page.ts';

interface Options {
  readonly weeks: number;
  readonly minutesProposal: number;
  readonly minutesSign: number;
  readonly html?: string;
  readonly json?: true;
}

const between =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < low || value > high)
      throw new InvalidArgumentError(`A number from ${low} to ${high}.`);
    return value;
  };

/** What stepped care would have asked of people over the last weeks; reads only. */
export const shadowCommand = (): Command =>
  new Command('shadow')
    .description('what stepped care and the safety path would have asked of people over the last weeks; writes nothing')
    .option('--weeks <n>', 'how many weeks back', between(1, 104), 8)
    .option('--minutes-proposal <n>', 'minutes that a decision takes: your own estimate', between(0, 480), 10)
    .option('--minutes-sign <n>', 'minutes that a sign of danger takes: your own estimate', between(0, 480), 45)
    .option('--html <file>', 'also write the forecast as one page')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: Options) => {
      const config = readConfig(process.env);
      const content = await contentOf(config);
      const ports = { server: serverOf(config), context: contextOf(config, content), state: await stateOf(config) };
      const bar = progressBar('shadow');
      try {
        const minutes = { proposal: options.minutesProposal, sign: options.minutesSign };
        const shadow: Shadow = await lookInShadow(ports, {
          weeks: Math.floor(options.weeks),
          minutes,
          nowMs: Date.now(),
          onProgress: bar.update,
        });
        bar.stop();
        if (options.html !== undefined) await writeFile(options.html, forecastPage(shadow.forecast));
        output(options.json ?? false, shadow, () => forecastText(shadow));
      } finally {
        bar.stop();
        await ports.state.close();
      }
    });
