/** `npm run interop -- --server URL [--token TOKEN] [--every MS] [--report FILE]`: the interoperability suite against any R4 server. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/print.ts';
import { loadContent } from '../src/content/load.ts';
import { connectFhir } from '../src/fhir/connect.ts';
import { openState } from '../src/state/open.ts';
import { runInterop, testReport } from '../tests/interop/run-interop.ts';

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    token: { type: 'string', default: process.env.FHIR_TOKEN ?? '' },
    every: { type: 'string', default: '200' },
    report: { type: 'string' },
  },
});
if (values.server === undefined) {
  process.stderr.write(
    'usage: npm run interop -- --server URL [--every MS] [--report FILE]   (FHIR_TOKEN: a bearer token)\n',
  );
  process.exit(2);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.stderr.write('\nStopping: what was made is being deleted.\n');
    stop.abort();
  });

const folder = mkdtempSync(join(tmpdir(), 'vincle-interop-'));
const state = await openState(`sqlite:${join(folder, 'state.sqlite')}`, undefined);
try {
  const server = connectFhir({
    baseUrl: values.server.replace(/\/+$/, ''),
    auth: values.token === '' ? { kind: 'none' } : { kind: 'bearer', token: values.token },
  });
  const run = `vincle-${randomUUID().slice(0, 13)}`;
  process.stderr.write(`Run ${run} against ${server.baseUrl}: synthetic data only, all of it deleted at the end.\n`);
  const content = await loadContent({ shipped: fileURLToPath(new URL('..', import.meta.url)) });
  const results = await runInterop({
    server,
    content,
    state,
    run,
    everyMs: Number(values.every),
    pause: (ms) => pause(ms),
    signal: stop.signal,
    onStep: (it) => process.stderr.write(`${it.result.padEnd(4)}  ${it.step}\n`),
  });
  process.stdout.write(
    `${table(
      ['result', 'step', 'detail'],
      results.map((it) => [it.result, it.step, it.detail]),
    )}\n`,
  );
  const [passed = 0, failed = 0, skipped = 0] = (['pass', 'fail', 'skip'] as const).map(
    (kind) => results.filter((it) => it.result === kind).length,
  );
  process.stdout.write(
    `\n${passed} passed, ${failed} failed, ${skipped} skipped · ${server.traffic.requests} requests\n`,
  );
  if (values.report !== undefined)
    writeFileSync(
      values.report,
      `${JSON.stringify(testReport(results, server.baseUrl, new Date().toISOString()), null, 2)}\n`,
    );
  process.exitCode = failed + skipped === 0 ? 0 : 1;
} finally {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
}
