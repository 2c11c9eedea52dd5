import { Command } from 'commander';
import { reportCohortCommand } from './report/cohort.ts';
import { reportEthicsCommand } from './report/ethics.ts';

/** Reports from the hospital’s own data. */
export const reportCommand = (): Command =>
  new Command('report')
    .description('reports from the hospital’s own data')
    .addCommand(reportCohortCommand())
    .addCommand(reportEthicsCommand());
