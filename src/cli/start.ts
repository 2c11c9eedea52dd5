import { Command } from 'commander';
import { demoCommand } from './demo.ts';
import { serveCommand } from './serve.ts';

/** What `npm start` runs: the hospital’s server where one is configured, else the demonstration. */
export const startCommand = (): Command =>
  new Command('start').description('serve where FHIR_BASE_URL is set, else demo').action(async () => {
    const chosen = process.env.FHIR_BASE_URL ? serveCommand() : demoCommand();
    await chosen.parseAsync([], { from: 'user' });
  });
