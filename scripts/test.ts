import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const ROOT = join(import.meta.dirname, '..');
const ALL = ['unit', 'judge', 'hapi', 'browser'];

/**
 * Runs everything and ends with one line, `N passed, N failed`: the machine made ready, the static checks, then each
 * jest project. A step that fails counts as one failure, and the rest still runs, unless the machine lacks a tool.
 */
function test(projects: readonly string[]): Count {
  const needsTools = projects.some((project) => project !== 'unit');
  if (needsTools && !npm('test:prepare')) return { passed: 0, failed: 1 };
  const check = { passed: 0, failed: npm('check') ? 0 : 1 };
  return projects.map(jest).reduce(sum, check);
}

function jest(project: string): Count {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-jest-'));
  const outputFile = join(folder, 'result.json');
  const workers = project === 'unit' ? '--maxWorkers=2' : '--runInBand';
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--selectProjects', project, workers, '--json', '--outputFile', outputFile],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    },
  );
  const count = existsSync(outputFile) ? readCount(outputFile) : { passed: 0, failed: 0 };
  rmSync(folder, { recursive: true });
  // jest itself failed (a set-up, a leak, no test at all): that is a failure too.
  const silent = status !== 0 && count.failed === 0 ? 1 : 0;
  process.stderr.write(`${project}: ${count.passed} passed, ${count.failed + silent} failed\n`);
  return { passed: count.passed, failed: count.failed + silent };
}

function readCount(file: string): Count {
  const result: { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites };
}

function npm(script: string): boolean {
  return spawnSync('npm', ['run', '--silent', script], { cwd: ROOT, stdio: ['ignore', 2, 2] }).status === 0;
}

function sum(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

const chosen = process.argv.slice(2);
const total = test(chosen.length > 0 ? chosen : ALL);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
