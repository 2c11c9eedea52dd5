/** Writes docs/smart-conformance.md from the titles of the tests; with `--check` it only compares. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadContent } from '../src/content/load.ts';
import { rightsOf } from '../src/domain/access.ts';
import { scopesFor } from '../src/http/smart/scopes.ts';
import requirements from '../tests/smart/requirements.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const FILE = join(ROOT, 'docs/smart-conformance.md');
const TESTS = 'tests/smart';
const SPECIFICATION = 'https://hl7.org/fhir/smart-app-launch/STU2.2';

interface Requirement {
  readonly id: number;
  readonly strength: string;
  readonly page: string;
  /** Why no test can show it; absent where one does. */
  readonly why?: string;
}

/** A test that shows what its numbers ask for. */
interface Proof {
  readonly ids: readonly number[];
  readonly title: string;
  readonly file: string;
}

const TITLE = /'(\d+(?:, \d+)*) · ((?:[^'\\\n]|\\.)+)'/g;

const proofs: readonly Proof[] = readdirSync(join(ROOT, TESTS))
  .filter((it) => it.endsWith('.test.ts'))
  .sort()
  .flatMap((file) =>
    [...readFileSync(join(ROOT, TESTS, file), 'utf8').matchAll(TITLE)].map(([, ids = '', title = '']) => ({
      ids: ids.split(', ').map(Number),
      title: title.replace(/%[sp]/g, '…'),
      file,
    })),
  );

const all: readonly Requirement[] = requirements;
const proofsOf = (id: number): readonly Proof[] => proofs.filter((it) => it.ids.includes(id));

/** What keeps the table from being true. */
function problems(): string[] {
  const known = new Set(all.map((it) => it.id));
  const missing = all.filter((it) => it.why === undefined && proofsOf(it.id).length === 0).map((it) => it.id);
  const both = all.filter((it) => it.why !== undefined && proofsOf(it.id).length > 0).map((it) => it.id);
  const unknown = proofs.flatMap((it) => it.ids).filter((id) => !known.has(id));
  return [
    ...(missing.length === 0 ? [] : [`no test and no reason: ${missing.join(', ')}`]),
    ...(both.length === 0 ? [] : [`a test and a reason why there is none: ${both.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`no such requirement: ${[...new Set(unknown)].join(', ')}`]),
  ];
}

function row({ id, strength, page, why }: Requirement): string {
  const section = `[${page.split('#')[1] ?? page}](${SPECIFICATION}/${page})`;
  const shown = proofsOf(id).map(({ title, file }) => `${title} (\`${file}\`)`);
  return `| ${id} | ${strength} | ${section} | ${why === undefined ? shown.join('<br>') : `*${why}*`} |`;
}

/** What each kind of launch asks for, as the code has it. */
const LAUNCHES = [
  ['a clinician, from a chart', 'clinician', 'ehr'],
  ['a clinician, alone', 'clinician', 'standalone'],
  ['a patient, from a portal that launches', 'patient', 'ehr'],
  ['a patient, alone', 'patient', 'standalone'],
] as const;
const scopes = LAUNCHES.map(
  ([who, as, launched]) =>
    `**${who[0]?.toUpperCase()}${who.slice(1)}**\n\n\`\`\`text\n${scopesFor(as, launched).join('\n')}\n\`\`\``,
).join('\n\n');

/** The same for a launch that is registered for one role (`role` in the launch URL). */
const access = (await loadContent({ shipped: join(import.meta.dirname, '..') })).access;
const byRole = [...access.roles.keys()]
  .map(
    (role) =>
      `**${role}**, alone\n\n\`\`\`text\n${scopesFor('clinician', 'standalone', rightsOf(access, [role])).join('\n')}\n\`\`\``,
  )
  .join('\n\n');

const tested = all.filter((it) => it.why === undefined).length;
const text = `# SMART App Launch 2.2: what a client SHALL do, and the test that shows it

Made from the titles of the tests in \`${TESTS}\` by \`npm run docs\`. The numbers are those of Inferno’s requirement list for clients of SMART App Launch 2.2.0; the words of each requirement stand in the section that is linked. ${all.length} requirements are SHALL or SHALL NOT: ${tested} are shown by tests, ${all.length - tested} cannot be, each with its reason in italics.

| number | strength | section | shown by |
|---|---|---|---|
${all.map(row).join('\n')}

## Scopes asked for
What is granted may be less: then what needs more is refused, and the rest works. A site adds scopes that its server wants besides in \`extraScopes\`.

${scopes}

### For one role
A launch URL with \`role=…\` (\`/launch?role=privacy-officer\`) asks for the scopes of that role alone. It narrows what is asked, and nothing else: what a person may do and see is told by the roles that person holds.

${byRole}
`;

const wrong = problems();
if (process.argv.includes('--check') && readFileSync(FILE, 'utf8') !== text)
  wrong.push('docs/smart-conformance.md is not what the tests say: npm run docs');
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join('\n')}\n`);
  process.exitCode = 1;
}
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
