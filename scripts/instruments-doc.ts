/** Writes docs/instruments.md from the Questionnaires; with `--check` it only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadContent } from '../src/content/load.ts';
import type { Instrument, ScoringKey } from '../src/domain/instrument.ts';

const FILE = fileURLToPath(new URL('../docs/instruments.md', import.meta.url));
const content = await loadContent({ shipped: fileURLToPath(new URL('..', import.meta.url)) });

const questionnaireOf = (it: Instrument) =>
  content.resources.find((r) => r.resourceType === 'Questionnaire' && r.id === it.id);
const number = (linkId: string): string => linkId.slice(linkId.lastIndexOf('-') + 1);

function keyText(key: ScoringKey): string {
  const reversed = key.items.filter((it) => it.reversed).map((it) => number(it.linkId));
  const items =
    key.parts.length > 0
      ? `sum of ${key.parts.join(', ')}`
      : `items ${key.items.map((it) => number(it.linkId)).join(', ')}`;
  const scale =
    key.offset === 0 && key.multiplier === 1
      ? ''
      : `, ${key.offset < 0 ? `− ${-key.offset}` : `+ ${key.offset}`}, × ${key.multiplier}`;
  const missing = key.prorated
    ? `${key.minimumAnswered} of ${key.items.length}, prorated`
    : `${key.minimumAnswered} of ${key.items.length}`;
  return `| ${key.measure} | ${key.low}–${key.high} | ${items}${reversed.length === 0 ? '' : `; reversed ${reversed.join(', ')}`}${scale} | ${missing} |`;
}

function section(it: Instrument): string {
  const q = questionnaireOf(it);
  const title = q?.resourceType === 'Questionnaire' ? q.title : it.id;
  const words = q?.resourceType === 'Questionnaire' ? `${q.description ?? ''}\n\n*${q.copyright ?? ''}*` : '';
  const use = it.use === 'study' ? 'the first rating of a visit counts' : 'every answer counts';
  const codes = it.totalCodes.map((c) => `${c.system === 'http://loinc.org' ? 'LOINC ' : ''}${c.code}`).join(', ');
  return `## ${title}
\`${it.url}|${it.version}\` · answered by the ${it.rater} · ${use}${codes === '' ? '' : ` · total also ${codes}`}

${words}

| score | range | from | answers needed |
|---|---|---|---|
${it.keys.map(keyText).join('\n')}
`;
}

const text = `# Instruments

Made from \`questionnaires/\` by \`npm run docs\`. A key is unconfirmed until a named person at the site has confirmed it; until then what is derived carries the tag \`key-unconfirmed\`.

${content.instruments.map(section).join('\n')}`;

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write('docs/instruments.md is not what questionnaires/ says: npm run docs\n');
  process.exitCode = 1;
}
