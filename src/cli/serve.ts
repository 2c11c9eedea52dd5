import { Command } from 'commander';
import type { AuditEvent } from 'fhir/r4.js';
import { type Config, readConfig } from '../config.ts';
import type { FhirServer } from '../fhir/port.ts';
import { createApp, type VincleApp } from '../http/app.ts';
import { assertServable, isLoopback } from '../http/assert-servable.ts';
import { type CdsOptions, clientsOf } from '../http/cds-hooks/cds-options.ts';
import { originsOf } from '../http/cds-hooks/cors.ts';
import type { HttpOptions } from '../http/http-options.ts';
import { type Listening, listen } from '../http/listen.ts';
import { nextTick } from '../jobs/cron-ticker.ts';
import { type Scheduled, type ScheduleEvent, schedule } from '../jobs/schedule.ts';
import { createLog, type Logger } from '../log.ts';
import { type AccessChain, deliverAccesses } from '../pipeline/audit/deliver-accesses.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { deliverResponses } from '../pipeline/deliver-responses.ts';
import { subscribe } from '../pipeline/subscribe.ts';
import { accessChain } from '../state/access-chain.ts';
import { contentOf, contextOf, publicKeysOf, serverOf, stateOf, VERSION } from './compose.ts';
import { messageOf } from './exit.ts';
import { JOBS } from './jobs/registry.ts';
import { runOptions } from './jobs/run-options.ts';
import { say } from './print.ts';
import { cohortReportOf } from './report/cohort-report-of.ts';
import { safetyOf } from './safety-path.ts';
import { smartOf } from './smart.ts';

/** What has expired opens nothing; it is only forgotten. */
const SESSIONS_CRON = '7 * * * *';
/** Often enough that an answer is delivered soon after the server is back; an empty outbox costs one look at the state. */
const OUTBOX_CRON = '*/15 * * * * *';
const SUBSCRIPTION_CRON = '17 */10 * * * *';
const GRACE_MS = 20_000;

export const serveCommand = (): Command =>
  new Command('serve').description('HTTP and the cron jobs, until stopped').action(async () => {
    const config = readConfig(process.env);
    assertServable({
      host: config.HOST,
      issuer: config.ISSUER,
      audience: config.AUDIENCE,
      publicUrl: config.PUBLIC_URL,
    });
    const content = await contentOf(config);
    const ports: AlliancePorts = {
      server: serverOf(config),
      context: contextOf(config, content),
      state: await stateOf(config),
      safety: safetyOf(config, content),
    };
    const serving = await startServing(ports, config, {
      publicKeys: await publicKeysOf(config),
      cohortReport: cohortReportOf(config, content),
      ...(await smartOf(config)),
    });
    say(
      `Vincle listens on ${config.HOST}:${serving.port}; the alliance job runs at ${config.ALLIANCE_CRON} UTC against ${ports.server.baseUrl}`,
    );
    await stopSignal();
    say('Stopping: the run under way may end.');
    await serving.stop();
    await ports.state.close();
  });

/** Resolves when somebody asks the process to end. */
export const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

export interface Serving {
  readonly port: number;
  stop(): Promise<void>;
}

/** HTTP and the cron jobs over the same ports. */
export async function startServing(
  ports: AlliancePorts,
  config: Config,
  more: Partial<HttpOptions> = {},
): Promise<Serving> {
  const log = createLog(config.LOG_LEVEL);
  const options = runOptions(config);
  const vincle = createApp(
    { ...ports, server: impatient(config), log, now: options },
    {
      ...httpOptions(config),
      nextRunOf: (name) => {
        const cron = JOBS.find((it) => it.name === name)?.cron(config);
        return cron === undefined ? undefined : nextTick(cron);
      },
      ...more,
    },
  );
  const jobs = startJobs(ports, config, vincle, log);
  let listening: Listening;
  try {
    listening = await listen(vincle.app, config.HOST, config.PORT);
  } catch (error) {
    await stopAll(jobs);
    throw error;
  }
  // The schedule tries again where the server is away now; until then the cron finds what is new.
  await subscribing({ ...ports, server: impatient(config) }, config)?.().catch((error: unknown) =>
    log.warn({ error: messageOf(error) }, 'not subscribed'),
  );
  return {
    port: listening.port,
    stop: async () => {
      await listening.close(GRACE_MS);
      await Promise.all([stopAll(jobs), vincle.notifications.stop()]);
    },
  };
}

/** Somebody waits: what the server does not take soon goes to the outbox. */
const impatient = (config: Config): FhirServer =>
  serverOf({ ...config, FHIR_TIMEOUT_MS: config.INTAKE_TIMEOUT_MS, FHIR_ATTEMPTS: 2 });

const stopAll = (jobs: readonly Scheduled[]): Promise<unknown> => Promise.all(jobs.map((it) => it.stop(GRACE_MS)));

function httpOptions(config: Config): HttpOptions {
  const {
    ISSUER: issuer,
    AUDIENCE: audience,
    INTROSPECTION_CLIENT_ID: clientId,
    INTROSPECTION_CLIENT_SECRET: clientSecret,
    INTROSPECTION_URL: url,
  } = config;
  const introspection =
    clientId === undefined || clientSecret === undefined
      ? {}
      : { introspection: { clientId, clientSecret, ...(url === undefined ? {} : { url }) } };
  return {
    version: VERSION,
    lastRunMaxAgeMs: config.READY_MAX_RUN_AGE_MINUTES * 60_000,
    readyTimeoutMs: config.READY_TIMEOUT_MS,
    notificationsMax: config.NOTIFICATIONS_MAX,
    rateLimits: { launches: config.LAUNCHES_PER_MINUTE, requests: config.REQUESTS_PER_MINUTE },
    proxyHops: config.PROXY_HOPS,
    ...(issuer === undefined || audience === undefined
      ? {}
      : { authorization: { issuer, audience, ...introspection } }),
    ...(config.HOOKS_SECRET === undefined ? {} : { hooksSecret: config.HOOKS_SECRET }),
    ...(config.METRICS_TOKEN === undefined ? {} : { metricsToken: config.METRICS_TOKEN }),
    ...(config.PUBLIC_URL === undefined ? {} : { publicUrl: config.PUBLIC_URL.replace(/\/+$/, '') }),
    ...cdsOptions(config),
    ...accessLog(config),
    personalLinks: config.PERSONAL_LINKS === 'on',
  };
}

function accessLog(config: Config): Pick<HttpOptions, 'accessChain'> {
  const { chain } = chainOf(config);
  return chain === undefined ? {} : { accessChain: chain };
}

const chains = new Map<string, AccessChain>();

/** The local log of accesses, where one is configured: one writer for each file of this process. */
function chainOf({ ACCESS_LOG_FILE: file }: Config): { readonly chain?: AccessChain } {
  if (file === undefined) return {};
  const chain = chains.get(file) ?? accessChain<AuditEvent>(file);
  chains.set(file, chain);
  return { chain };
}

/** CDS Hooks for the configured clients; without any, for this machine alone. */
function cdsOptions(config: Config): { readonly cds?: CdsOptions } {
  const { CDS_CLIENTS, CDS_ORIGINS, CDS_TENANT: tenant, CDS_LAUNCH_URL: launchUrl, CDS_GUIDE_URL: guideUrl } = config;
  const clients = clientsOf(CDS_CLIENTS ?? '');
  const isSeen = config.PUBLIC_URL !== undefined && !isLoopback(new URL(config.PUBLIC_URL).hostname);
  if (clients.length === 0 && (isSeen || !isLoopback(config.HOST))) return {};
  return {
    cds: {
      clients,
      language: config.CDS_LANGUAGE as CdsOptions['language'],
      ...(CDS_ORIGINS === undefined ? {} : { origins: originsOf(CDS_ORIGINS) }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(launchUrl === undefined ? {} : { launchUrl }),
      ...(guideUrl === undefined ? {} : { guideUrl }),
    },
  };
}

/** Each job under its lock, so that of several processes on one state one runs it. */
function startJobs(ports: AlliancePorts, config: Config, { metrics }: VincleApp, log: Logger): Scheduled[] {
  const options = runOptions(config);
  const onEvent = (event: ScheduleEvent) => {
    metrics.run(event.job, event.kind);
    if (event.kind === 'failed') log.error({ job: event.job, error: messageOf(event.error) }, 'job failed');
    else if (event.kind === 'finished' && JOBS.some((it) => it.name === event.job))
      log.info({ job: event.job, result: event.result }, 'job finished');
  };
  const every = (job: string, cron: string, run: (signal: AbortSignal) => Promise<unknown>): Scheduled =>
    schedule({ job, cron, run, state: ports.state, holder: options.holder, onEvent });
  const subscription = subscribing(ports, config);
  return [
    ...JOBS.flatMap((job) => {
      const cron = job.cron(config);
      return cron === undefined ? [] : [every(job.name, cron, (signal) => job.run(ports, config, { signal }))];
    }),
    every('sessions', SESSIONS_CRON, () => ports.state.forgetExpired(new Date().toISOString())),
    every('outbox', OUTBOX_CRON, async (signal) => {
      await deliverAccesses({ ...ports, ...chainOf(config) }, options);
      return deliverResponses(ports, { ...options, signal });
    }),
    ...(subscription === undefined ? [] : [every('subscription', SUBSCRIPTION_CRON, subscription)]),
  ];
}

/** Sees to it that the hospital’s server notifies Vincle; `undefined` where no address or no secret is configured. */
function subscribing({ server, context }: AlliancePorts, config: Config): (() => Promise<unknown>) | undefined {
  const { HOOKS_SECRET: secret, PUBLIC_URL: publicUrl } = config;
  if (secret === undefined || publicUrl === undefined) return undefined;
  const endpoint = `${publicUrl.replace(/\/+$/, '')}/hooks/fhir`;
  return () => subscribe(server, { secret, endpoint, questionnaires: context.content.questionnaireUrls });
}
