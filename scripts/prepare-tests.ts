import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumProgram } from '../tests/browser/rig/chromium.ts';
import { buildMavenProject } from '../tests/hapi/rig/maven.ts';
import { postgresPrograms } from '../tests/hapi/rig/postgres.ts';

/** A tool the tests need, how it is recognized, and the Debian package that brings it. */
interface Tool {
  readonly name: string;
  readonly found: () => boolean;
  readonly debianPackage: string;
}

const TOOLS: readonly Tool[] = [
  {
    name: 'a Java development kit, 17 or newer (javac)',
    found: () => javaVersion() >= 17,
    debianPackage: 'default-jdk-headless',
  },
  { name: 'Apache Maven (mvn)', found: () => runs('mvn', ['-v']), debianPackage: 'maven' },
  { name: 'PostgreSQL (initdb)', found: () => postgresPrograms() !== undefined, debianPackage: 'postgresql' },
  { name: 'Python 3 (python3)', found: () => runs('python3', ['--version']), debianPackage: 'python3' },
  { name: 'OpenSSL (openssl)', found: () => runs('openssl', ['version']), debianPackage: 'openssl' },
  {
    name: 'Chromium (chromium; another place is named by CHROMIUM)',
    found: () => chromiumProgram() !== undefined,
    debianPackage: 'chromium',
  },
];
const PROJECTS = ['hapi', 'judge'];
const ROOT = join(import.meta.dirname, '..');

/**
 * Makes a machine ready for the tests that need Java, PostgreSQL and Chromium: installs what is missing where that can be done
 * (root on Debian), else says what to install; then builds the Java programs.
 *
 * @returns whether everything is there
 */
async function prepareTests(): Promise<boolean> {
  const missing = TOOLS.filter((tool) => !tool.found());
  if (missing.length > 0 && isRootOnDebian()) install(missing.map((tool) => tool.debianPackage));
  const stillMissing = TOOLS.filter((tool) => !tool.found());
  if (stillMissing.length > 0) {
    say(`The tests need what this machine does not have:\n${list(stillMissing.map((tool) => tool.name))}`);
    say(`Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y ${packages(stillMissing)}`);
    say('Without them: npm run test:without-hapi');
    return false;
  }
  for (const project of PROJECTS) {
    const folder = join(ROOT, 'tests', 'java', project);
    if (existsSync(join(folder, 'pom.xml')) && !(await build(folder))) return false;
  }
  return true;
}

async function build(folder: string): Promise<boolean> {
  try {
    await buildMavenProject(folder);
    return true;
  } catch (cause) {
    const { stdout = '' } = cause as { stdout?: string };
    say(`Maven could not build ${folder}. It needs Maven Central, or a mirror named in ~/.m2/settings.xml.`);
    say(stdout.split('\n').slice(0, 20).join('\n'));
    say(`To see all of it: mvn -f ${join(folder, 'pom.xml')} package`);
    return false;
  }
}

/** Services stay stopped: the tests make their own PostgreSQL cluster. */
function install(names: readonly string[]): void {
  say(`Installing ${names.join(' ')}`);
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // stdout belongs to the closing line of the tests.
  const stdio = ['ignore', 2, 2] as const;
  try {
    spawnSync('apt-get', ['update', '-q'], { env, stdio: [...stdio] });
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], { env, stdio: [...stdio] });
  } finally {
    if (ours) rmSync(policy);
  }
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && runs('apt-get', ['--version']);
}

function javaVersion(): number {
  const { stdout } = spawnSync('javac', ['-version'], { encoding: 'utf8' });
  return Number(/javac (\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

function packages(tools: readonly Tool[]): string {
  return tools.map((tool) => tool.debianPackage).join(' ');
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = (await prepareTests()) ? 0 : 1;
