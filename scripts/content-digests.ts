/**
 * Writes `questionnaires/digests.json` anew: what each version of a Questionnaire says. `npm run content:digests` for
 * the shipped content, `npm run content:digests -- FOLDER` for a site's own.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readContentFiles } from '../src/content/content-files.ts';
import { MANIFEST, manifestOf } from '../src/content/digests.ts';
import type { Issue } from '../src/domain/outcome.ts';

const root = resolve(process.argv[2] ?? '.');
const issues: Issue[] = [];
const manifest = manifestOf(readContentFiles(root, 'shipped', issues));
for (const issue of issues) console.error(`${issue.expression}: ${issue.diagnostics}`);
if (issues.length === 0) {
  writeFileSync(join(root, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  console.error(`${Object.keys(manifest).length} Questionnaires in ${MANIFEST}`);
}
process.exitCode = issues.length === 0 ? 0 : 1;
