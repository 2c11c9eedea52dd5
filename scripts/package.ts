import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withSnapshots } from '../tests/judge/judge.ts';
import { writePackage } from './package-archive.ts';

/*
 * npm run package [-- --snapshots] [-- --out FOLDER]
 * Profiles are packed as differentials, which HAPI and the HL7 validator complete; `--snapshots` (needs Java) packs
 * them complete, for tools that cannot.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(import.meta.dirname, '..') },
    snapshots: { type: 'boolean', default: false },
  },
});
mkdirSync(values.out, { recursive: true });
const archive = await writePackage(values.out, values.snapshots ? withSnapshots : undefined);
process.stdout.write(`${archive}\n`);
