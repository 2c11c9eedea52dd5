/** Writes docs/configuration.md from the one table of settings; with `--check` it only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SETTINGS, type Setting } from '../src/settings.ts';

const FILE = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));

function kindOf({ schema }: Setting): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((it) => `\`${it}\``).join(' · ');
  if (schema.type === 'integer') return `whole number, ${schema.minimum} to ${schema.maximum}`;
  return schema.pattern?.toString().startsWith('^https?') ? 'URL' : 'text';
}

const row = ([name, setting]: [string, Setting]): string => {
  const fallback = setting.secret
    ? 'none: a secret'
    : setting.schema.default === undefined
      ? ''
      : `\`${setting.schema.default}\``;
  return `| \`${name}\` | ${kindOf(setting)} | ${fallback} | ${setting.doc.replaceAll('|', '\\|')} |`;
};

const text = `# Configuration

Every setting is an environment variable; an empty one is as good as none. What is wrong is named all at once, and the command ends with exit code 2. Made from \`src/settings.ts\` by \`npm run docs\`.

| setting | kind | default | what it is |
|---|---|---|---|
${Object.entries<Setting>(SETTINGS).map(row).join('\n')}

\`vincle doctor\` also reads \`DOCTOR_THERAPIST_TOKEN\` and \`DOCTOR_PATIENT_TOKEN\`: tokens of a therapist and of a patient, to see whether the hospital’s server honours security labels.
`;

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write('docs/configuration.md is not what src/settings.ts says: npm run docs\n');
  process.exitCode = 1;
}
