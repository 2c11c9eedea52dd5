import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE = join(ROOT, 'tests/other-renderers');
/** Half a gigabyte of other people's packages, kept apart from the product's own and installed once. */
const FOLDER = join(ROOT, 'dist/other-renderers');
const STAMP = join(FOLDER, 'installed.sha256');
const INSTALL_TIMEOUT_MS = 600_000;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
};

/** LHC-Forms and Smart Forms, installed from a lock file of their own and served; nothing of them is in the product. */
export async function startOtherRenderers(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  install();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = [join(FOLDER, 'built', path), join(FOLDER, path)].find((it) => existsSync(it));
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? '' }).end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

function install(): void {
  const files = readdirSync(SOURCE).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCE, file)));
  const digest = hash.digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest) return;
  mkdirSync(FOLDER, { recursive: true });
  for (const file of files) copyFileSync(join(SOURCE, file), join(FOLDER, file));
  const run = (command: string, args: string[], cwd: string) =>
    execFileSync(command, args, { cwd, stdio: ['ignore', 2, 2], timeout: INSTALL_TIMEOUT_MS });
  run('npm', ['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'], FOLDER);
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  run(process.execPath, [vite, 'build', FOLDER, '--config', join(FOLDER, 'vite.config.mjs')], FOLDER);
  writeFileSync(STAMP, digest);
}
