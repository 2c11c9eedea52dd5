import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Builds a Maven project where its `target` is missing or older than its sources, and only then.
 *
 * @returns the class path: the project's jar and the libraries that `copy-dependencies` put beside it
 */
export async function buildMavenProject(folder: string): Promise<string> {
  const stamp = join(folder, 'target', '.built');
  const sources = [join(folder, 'pom.xml'), ...filesBelow(join(folder, 'src'))];
  if (!existsSync(stamp) || sources.some((file) => modified(file) > modified(stamp))) {
    await run('mvn', ['-B', '-ntp', '-q', '-f', join(folder, 'pom.xml'), 'package'], { maxBuffer: 64 << 20 });
    writeFileSync(stamp, '');
  }
  const jars = readdirSync(join(folder, 'target')).filter((name) => name.endsWith('.jar'));
  return [...jars.map((name) => join(folder, 'target', name)), join(folder, 'target', 'lib', '*')].join(':');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function modified(file: string): number {
  return statSync(file).mtimeMs;
}
