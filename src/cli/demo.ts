import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Config, readConfig } from '../config.ts';
import type { LoadedContent } from '../content/port.ts';
import { isLoopback } from '../http/assert-servable.ts';
import { allScopes } from '../http/smart/scopes.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { publishContent } from '../pipeline/publish-content.ts';
import { contentOf, contextOf, serverOf, stateOf } from './compose.ts';
import { demoCare, demoCareText } from './demo-care.ts';
import { doorsFrom, employ, releaseOne } from './demo-ehr.ts';
import { demoReading } from './demo-reading.ts';
import { demoSafety } from './demo-safety.ts';
import { CommandError, EXIT } from './exit.ts';
import { runJob } from './job.ts';
import { allianceJob } from './jobs/alliance.ts';
import { measuresTable } from './measures-table.ts';
import { output, say } from './print.ts';
import { cohortReportOf } from './report/cohort-report-of.ts';
import { startServing, stopSignal } from './serve.ts';
import { launchable } from './smart.ts';

/** Settings of a hospital: beside any of them the demonstration does not start. */
const HOSPITAL = [
  'FHIR_BASE_URL',
  'FHIR_TOKEN',
  'FHIR_CLIENT_ID',
  'FHIR_PRIVATE_KEY_FILE',
  'STUDY',
  'EPISODE_TYPE',
  'PUBLIC_URL',
  'ISSUER',
  'SMART_REGISTRATIONS_FILE',
  'STATE_KEYS_FILE',
  'NOTIFY_SMTP_URL',
  'NOTIFY_WEBHOOK_URL',
  'NOTIFY_WEBHOOK_SECRET',
  'HOOKS_SECRET',
  'CDS_CLIENTS',
  'COHORT_KEY_FILE',
] as const;

interface Options {
  readonly patients: string;
  readonly seed: string;
  readonly json?: true;
  readonly exit?: true;
}

export const demoCommand = (): Command =>
  new Command('demo')
    .description(
      'embedded FHIR server, a synthetic cohort, publish, one alliance run, five months of stepped care, then serve; loopback only',
    )
    .addOption(new Option('--patients <n>', 'participants').default('12'))
    .addOption(new Option('--seed <n>', 'the same seed gives the same cohort').default('2025'))
    .option('--exit', 'end after the run instead of serving')
    .option('--json', 'one JSON object on stdout')
    .action(demonstrate);

async function demonstrate(options: Options): Promise<void> {
  const given = readConfig(process.env);
  refuseBesideHospital(given);
  const [patients, seed] = [positive(options.patients, '--patients'), positive(options.seed, '--seed')];
  // The FHIR definitions of the embedded server are large: no other command loads them.
  const { startEmbedded } = await import('../embedded/server/start-embedded.ts');
  const { generateCohort } = await import('../embedded/cohort/generate-cohort.ts');
  const folder = await mkdtemp(join(tmpdir(), 'vincle-demo-'));
  const embedded = await startEmbedded({ file: join(folder, 'fhir.sqlite') });
  try {
    const cohort = generateCohort({ seed, patients, idPrefix: 'demo' });
    const config: Config = {
      ...given,
      FHIR_BASE_URL: embedded.baseUrl,
      STUDY: cohort.study,
      EPISODE_TYPE: cohort.episodeType,
      STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
      // Whoever tries it out need not wait a minute.
      SAFETY_SECONDS: 5,
    };
    const server = serverOf(config);
    const shipped = await contentOf(config);
    const content = { ...shipped, reading: demoReading(shipped.reading) };
    say(`FHIR server ${embedded.baseUrl} · synthetic cohort of ${patients} · nothing here is about a real person`);
    await publishContent(server, content.resources, { replace: false, dryRun: false });
    for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
    const ports: AlliancePorts = {
      server,
      context: contextOf(config, content),
      state: await stateOf(config),
      safety: demoSafety(content, Date.now()),
    };
    try {
      const run = await runJob(allianceJob, ports, config, {});
      const table = await measuresTable(server);
      const year = await demoCare(config, content, Date.now());
      output(options.json ?? false, { ...run, fhir: embedded.baseUrl }, () =>
        [allianceJob.table(run), table, demoCareText(year, config)].join('\n\n'),
      );
      if (!options.exit) await serveUntilStopped(ports, config, content);
    } finally {
      await ports.state.close();
    }
  } finally {
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function refuseBesideHospital(config: Config): void {
  const set = HOSPITAL.filter((name) => config[name] !== undefined);
  if (set.length > 0)
    throw new CommandError(
      `The demonstration does not start beside a hospital’s settings: ${set.join(', ')}. Use \`vincle serve\`, or unset them.`,
      EXIT.usage,
    );
  if (!isLoopback(config.HOST))
    throw new CommandError('The demonstration listens on loopback only: unset HOST.', EXIT.usage);
}

function positive(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new CommandError(`${name}: a whole number from 1 to 100000, not ${text}`, EXIT.usage);
  return value;
}

async function serveUntilStopped(ports: AlliancePorts, config: Config, content: LoadedContent): Promise<void> {
  const { server } = ports;
  await employ(server);
  await releaseOne(server, Date.now(), config.TIME_ZONE);
  const port = await freePort(config.PORT);
  if (port !== config.PORT) say(`Port ${config.PORT} is taken: another is used.`);
  const app = `http://127.0.0.1:${port}`;
  const { startEhr, DEMONSTRATION_CLIENT } = await import('../embedded/smart/start-ehr.ts');
  const ehr = await startEhr({ upstream: server.baseUrl, app, scopes: allScopes(), doors: doorsFrom(server) });
  const registration = {
    iss: ehr.iss,
    clientId: DEMONSTRATION_CLIENT,
    authentication: { kind: 'public' as const },
    frameAncestors: [],
    extraScopes: [],
  };
  const quiet = { ...config, HOST: '127.0.0.1', PORT: port, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' };
  const serving = await startServing(ports, quiet, {
    cohortReport: cohortReportOf(config, content),
    ...launchable(config, [registration], app, true),
  });
  say(
    `\nDEMONSTRATION, synthetic data. Open ${ehr.url} and choose who to be. FHIR ${server.baseUrl} · Vincle ${app}/health · Ctrl-C ends it.`,
  );
  await stopSignal();
  await Promise.all([serving.stop(), ehr.stop()]);
}

/** The port where it is free, else any: a demonstration serves as well there. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    if (address !== null && typeof address === 'object') return address.port;
  }
  throw new CommandError('No port is free.', EXIT.usage);
}
