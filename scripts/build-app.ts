import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, 'dist/app/sources.sha256');
const SOURCES = ['src/app/**/*', 'src/domain/**/*.ts', 'vite.config.ts', 'package-lock.json'];

/** Digest of all that the browser apps are built from: a file's date says nothing after a checkout. */
function digestOfSources(): string {
  const files = globSync(SOURCES, { cwd: ROOT, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Builds the browser apps into `dist/app` unless what stands there is of these very sources. True where it built. */
export async function buildApp(force = false): Promise<boolean> {
  const digest = digestOfSources();
  if (!force && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest) return false;
  // Vite is loaded only where there is something to build.
  const { build } = await import('vite');
  await build({ root: join(ROOT, 'src/app'), configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });
  mkdirSync(join(ROOT, 'dist/app'), { recursive: true });
  writeFileSync(STAMP, digest);
  return true;
}

if (import.meta.main) {
  const built = await buildApp(process.argv.includes('--force'));
  if (built) process.stderr.write('browser apps built into dist/app\n');
}
