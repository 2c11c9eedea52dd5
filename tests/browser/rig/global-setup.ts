import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The browser apps as they are served, built once for all tests of the `browser` project unless they stand there. */
export default function buildBrowserApps(): void {
  execFileSync(process.execPath, ['scripts/build-app.ts'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
}
