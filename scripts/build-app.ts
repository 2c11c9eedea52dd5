import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
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

/** Builds the browser apps into a folder unless what stands there is of these very sources. True where it built. */
export async function buildApp(outDir: string = join(ROOT, 'dist/app')): Promise<boolean> {
  const digest = digestOfSources();
  const stamp = join(outDir, 'sources.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return false;
  // Whoever calls (a test runner, say) may have said otherwise, and Vite would build for development.
  process.env.NODE_ENV = 'production';
  // Vite is loaded only where there is something to build.
  const { build } = await import('vite');
  await build({
    root: join(ROOT, 'src/app'),
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
  });
  mkdirSync(outDir, { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}

if (import.meta.main) {
  if (await buildApp()) process.stderr.write('The browser apps are built into dist/app.\n');
}
