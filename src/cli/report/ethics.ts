import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { readConfig } from '../../config.ts';
import { DICTIONARY } from '../../pipeline/cohort/csv.ts';
import { REPORT_LANGUAGES, type ReportLanguage } from '../../report/cohort-report.ts';
import { ethicsAnnex } from '../../report/ethics-annex.ts';
import { contentOf, VERSION } from '../compose.ts';
import { planOf } from './analysis.ts';

/** The annex for an ethics committee, from the content in force; no server is asked. */
export const reportEthicsCommand = (): Command =>
  new Command('ethics')
    .description('the annex for an ethics committee: instruments, windows, rules, data items, retention (Markdown)')
    .addOption(new Option('--language <language>', 'of the annex').choices(REPORT_LANGUAGES).default('en'))
    .option('--out <file>', 'where it is written')
    .action(async ({ language, out }: { readonly language: ReportLanguage; readonly out?: string }) => {
      const content = await contentOf(readConfig(process.env));
      const { instruments, visits, consent, protocol, digest, analysisPlanDigest: planDigest } = content;
      const plan = planOf(content);
      const text = ethicsAnnex(
        { instruments, visits, consent, protocol, plan, digest, planDigest, dictionary: DICTIONARY, software: VERSION },
        language,
      );
      if (out === undefined) process.stdout.write(text);
      else await writeFile(out, text);
    });
