import { Ajv, type ErrorObject } from 'ajv';
import { SETTINGS, type Setting, type SettingName } from './settings.ts';

/** Every setting by its name: a number where its schema says so, a string else; absent where it was not set. */
export type Config = {
  readonly [name in SettingName]: (typeof SETTINGS)[name]['schema'] extends { default: infer D }
    ? D extends number
      ? number
      : string
    : string | undefined;
};

/** What is wrong with the configuration, one line a setting. Exit code 2. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((it) => `  ${it}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const table: Record<string, Setting> = SETTINGS;
const schema = {
  type: 'object',
  properties: Object.fromEntries(Object.entries(table).map(([name, setting]) => [name, setting.schema])),
};
const check = new Ajv({
  coerceTypes: true,
  useDefaults: true,
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
}).compile(schema);

/** Reads the environment once; an empty variable is as good as none. Throws ConfigError naming every setting that is wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS)) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const problems = check(given) ? [] : (check.errors ?? []).map((error) => problemOf(error));
  problems.push(...contradictions(given));
  if (problems.length > 0) throw new ConfigError(problems);
  if (typeof given.STUDY === 'string' && !given.STUDY.includes('/')) given.STUDY = `ResearchStudy/${given.STUDY}`;
  if (typeof given.FHIR_BASE_URL === 'string') given.FHIR_BASE_URL = given.FHIR_BASE_URL.replace(/\/+$/, '');
  return Object.freeze(given) as Config;
}

function problemOf(error: ErrorObject): string {
  const name = error.instancePath.slice(1);
  const allowed =
    error.keyword === 'enum' ? `: ${(error.params as { allowedValues: string[] }).allowedValues.join(', ')}` : '';
  return `${name}: ${error.message}${allowed}. ${table[name]?.doc ?? ''}`;
}

/** Settings that need each other. */
function contradictions(given: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const needs = (when: boolean, names: readonly SettingName[], why: string) => {
    for (const name of names) if (when && given[name] === undefined) problems.push(`${name}: required ${why}.`);
  };
  needs(given.FHIR_AUTH === 'bearer', ['FHIR_TOKEN'], 'by FHIR_AUTH=bearer');
  needs(
    given.FHIR_AUTH === 'backend-services',
    ['FHIR_CLIENT_ID', 'FHIR_PRIVATE_KEY_FILE'],
    'by FHIR_AUTH=backend-services',
  );
  needs(given.PUBLISH_AUTH === 'bearer', ['PUBLISH_TOKEN'], 'by PUBLISH_AUTH=bearer');
  needs(
    given.PUBLISH_AUTH === 'backend-services',
    ['PUBLISH_CLIENT_ID', 'PUBLISH_PRIVATE_KEY_FILE'],
    'by PUBLISH_AUTH=backend-services',
  );
  needs(
    typeof given.STATE_URL === 'string' && given.STATE_URL.startsWith('postgres'),
    ['STATE_KEYS_FILE'],
    'by a STATE_URL on PostgreSQL',
  );
  needs(given.CDS_CLIENTS !== undefined, ['PUBLIC_URL'], 'by CDS_CLIENTS: a token must name the address it is for');
  if (typeof given.CDS_CLIENTS === 'string')
    for (const it of given.CDS_CLIENTS.split(/[\s,]+/))
      if (!isSafeReceiver(it.slice(it.indexOf('=') + 1)))
        problems.push('CDS_CLIENTS: keys must come by https, but for this machine.');
  needs(given.CDS_ORIGINS !== undefined, ['CDS_CLIENTS'], 'by CDS_ORIGINS: a page calls with the token of its EHR');
  if (typeof given.CDS_ORIGINS === 'string')
    for (const it of given.CDS_ORIGINS.split(/[\s,]+/))
      if (!isSafeReceiver(it)) problems.push('CDS_ORIGINS: pages must come by https, but for this machine.');
  needs(
    given.SMART_REGISTRATIONS_FILE !== undefined,
    ['PUBLIC_URL'],
    'by SMART_REGISTRATIONS_FILE: the hospital sends browsers back there',
  );
  if (
    given.SMART_REGISTRATIONS_FILE !== undefined &&
    typeof given.PUBLIC_URL === 'string' &&
    !isSafeReceiver(given.PUBLIC_URL)
  )
    problems.push('PUBLIC_URL: must be https beside SMART_REGISTRATIONS_FILE, but for this machine.');
  needs(given.NOTIFY_SMTP_URL !== undefined, ['NOTIFY_SMTP_FROM'], 'by NOTIFY_SMTP_URL');
  needs(given.NOTIFY_WEBHOOK_URL !== undefined, ['NOTIFY_WEBHOOK_SECRET'], 'by NOTIFY_WEBHOOK_URL');
  if (given.NOTIFY_SMTP_URL !== undefined && given.NOTIFY_WEBHOOK_URL !== undefined)
    problems.push('NOTIFY_WEBHOOK_URL: not beside NOTIFY_SMTP_URL, because one channel tells people.');
  if (typeof given.NOTIFY_WEBHOOK_URL === 'string' && !isSafeReceiver(given.NOTIFY_WEBHOOK_URL))
    problems.push(`NOTIFY_WEBHOOK_URL: no usable address. ${SETTINGS.NOTIFY_WEBHOOK_URL.doc}`);
  if (typeof given.TIME_ZONE === 'string' && !isZone(given.TIME_ZONE))
    problems.push(`TIME_ZONE: no such zone. ${SETTINGS.TIME_ZONE.doc}`);
  return problems;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isSafeReceiver(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'https:' || LOOPBACK.has(url.hostname));
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The settings that name the hospital’s server and its programme; only the demonstration does without. */
export function requireHospital(config: Config): asserts config is Config & { FHIR_BASE_URL: string } {
  const problems: string[] = [];
  if (config.FHIR_BASE_URL === undefined) problems.push(`FHIR_BASE_URL: required. ${SETTINGS.FHIR_BASE_URL.doc}`);
  if (config.STUDY === undefined && config.EPISODE_TYPE === undefined)
    problems.push('STUDY or EPISODE_TYPE: one is required, so that only patients of the programme are processed.');
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Only the server, for commands that know no programme: publish, load, doctor. */
export function requireServer(config: Config): asserts config is Config & { FHIR_BASE_URL: string } {
  if (config.FHIR_BASE_URL === undefined)
    throw new ConfigError([`FHIR_BASE_URL: required. ${SETTINGS.FHIR_BASE_URL.doc}`]);
}
