/** One environment variable: its shape for ajv, and the sentence that docs/configuration.md prints. */
export interface Setting {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly doc: string;
  /** Never printed, logged or given a default. */
  readonly secret?: true;
}

const text = { type: 'string', minLength: 1 } as const;
const url = { type: 'string', pattern: '^https?://[^\\s/]+' } as const;
const whole = (low: number, high: number, fallback: number) => ({
  type: 'integer',
  minimum: low,
  maximum: high,
  default: fallback,
});
const among = (values: readonly string[]) => ({ enum: values });
const oneOf = (values: readonly string[], fallback: string) => ({ enum: values, default: fallback });

const AUTH = ['none', 'bearer', 'backend-services'];

/** Everything that can be set, in the order of docs/configuration.md, which is made from it. */
export const SETTINGS = {
  FHIR_BASE_URL: { schema: url, doc: 'Base URL of the hospital’s FHIR R4 server.' },
  FHIR_AUTH: {
    schema: oneOf(AUTH, 'none'),
    doc: 'How Vincle authenticates there: not at all, with one bearer token, or by SMART Backend Services.',
  },
  FHIR_TOKEN: { schema: text, doc: 'The bearer token, for `FHIR_AUTH=bearer`.', secret: true },
  FHIR_CLIENT_ID: {
    schema: text,
    doc: 'The client id registered at the authorization server, for `backend-services`.',
  },
  FHIR_PRIVATE_KEY_FILE: {
    schema: text,
    doc: 'File with the private key (JWK or PKCS #8 PEM) that signs client assertions: RSA for RS384, P-384 for ES384.',
  },
  FHIR_KEY_ID: { schema: text, doc: '`kid` of that key, where the file does not carry it.' },
  FHIR_TOKEN_URL: { schema: url, doc: 'Token endpoint, where the server has no `.well-known/smart-configuration`.' },
  FHIR_SCOPES: { schema: { ...text, default: 'system/*.cruds' }, doc: 'Scopes asked for, separated by spaces.' },
  FHIR_TIMEOUT_MS: { schema: whole(100, 600_000, 30_000), doc: 'How long one request may take, in milliseconds.' },
  FHIR_ATTEMPTS: { schema: whole(1, 20, 5), doc: 'How often a request that may be repeated is tried in all.' },
  FHIR_MAX_ANSWER_MB: {
    schema: whole(1, 500, 256),
    doc: 'The largest answer that is read, in megabytes as it comes over the wire; a larger one is broken off.',
  },
  FHIR_GZIP: {
    schema: oneOf(['on', 'off'], 'off'),
    doc: 'Whether answers may come compressed: `off` spares processor on both sides, `on` spares a slow line.',
  },
  FHIR_CLIENT_IDS: {
    schema: oneOf(['auto', 'yes', 'no'], 'auto'),
    doc: 'Whether the server takes ids that the client chooses; `auto` finds out.',
  },
  FHIR_COMMIT_LAG_SECONDS: {
    schema: whole(0, 86_400, 60),
    doc: 'The longest time between a resource’s `lastUpdated` and the moment a search shows it. Each run asks again for this long before the checkpoint.',
  },
  SMART_REGISTRATIONS_FILE: {
    schema: text,
    doc: 'JSON file with the FHIR servers from which Vincle may be launched and how it is registered there (docs/smart.md); without it nobody opens the app.',
  },
  ACCESS_LOG_FILE: {
    schema: text,
    doc: 'Append-only file with a hash chain for accesses that the FHIR server takes no AuditEvent of, one for each process (docs/audit.md). Without it they stay in the outbox, sealed, as dead letters.',
  },
  PERSONAL_LINKS: {
    schema: oneOf(['on', 'off'], 'off'),
    doc: 'Patients may open the forms of a Task by a personal link, with a one-time code that the webhook sends to the telephone in the record (docs/forms.md).',
  },
  SESSION_IDLE_MINUTES: {
    schema: whole(5, 720, 30),
    doc: 'How long a launch of the app lasts without a request, in minutes.',
  },
  SESSION_HOURS: { schema: whole(1, 24, 12), doc: 'How long a launch of the app lasts in all, in hours.' },
  LAUNCHES_PER_MINUTE: {
    schema: whole(1, 100_000, 120),
    doc: 'How often one address may begin or finish a launch in a minute, all replicas together.',
  },
  REQUESTS_PER_MINUTE: {
    schema: whole(60, 100_000, 600),
    doc: 'Requests that one launch of the app may make in a minute, all replicas together; one address fifty times as many.',
  },
  PROXY_HOPS: {
    schema: whole(0, 10, 0),
    doc: 'Reverse proxies before Vincle, whose `X-Forwarded-For` is believed.',
  },
  PUBLISH_AUTH: {
    schema: among(AUTH),
    doc: 'As `FHIR_AUTH`, for `vincle publish` alone; without it, publish uses the job’s own credential.',
  },
  PUBLISH_TOKEN: { schema: text, doc: 'The bearer token of `vincle publish`.', secret: true },
  PUBLISH_CLIENT_ID: { schema: text, doc: 'The client id of `vincle publish`.' },
  PUBLISH_PRIVATE_KEY_FILE: { schema: text, doc: 'The private key file of `vincle publish`.' },
  STUDY: {
    schema: { type: 'string', pattern: '^(ResearchStudy/)?[A-Za-z0-9\\-.]{1,64}$' },
    doc: 'The ResearchStudy whose ResearchSubjects are in the programme. This or `EPISODE_TYPE` is required.',
  },
  EPISODE_TYPE: { schema: text, doc: 'EpisodeOfCare.type (`system|code`) of the patients in the programme.' },
  SITE: {
    schema: { type: 'string', pattern: '^Organization/[A-Za-z0-9\\-.]{1,64}$' },
    doc: 'The hospital, where an EpisodeOfCare does not name its managing organization.',
  },
  STATE_URL: {
    schema: { type: 'string', pattern: '^(sqlite:.+|postgres(ql)?://.+)$', default: 'sqlite:vincle.sqlite' },
    doc: 'Vincle’s own operational state: a SQLite file, or PostgreSQL where several processes share it.',
  },
  STATE_KEYS_FILE: {
    schema: text,
    doc: 'Keys that seal what waits in the outbox. Made beside a SQLite file on first use; required for PostgreSQL.',
  },
  PUBLIC_URL: { schema: url, doc: 'Where the hospital reaches Vincle, for the address of its Subscription.' },
  HOST: {
    schema: { ...text, default: '127.0.0.1' },
    doc: 'Address to listen on. Off loopback, `ISSUER` and `AUDIENCE` are required.',
  },
  PORT: { schema: whole(0, 65_535, 3000), doc: 'Port to listen on.' },
  ISSUER: {
    schema: url,
    doc: 'Issuer of the hospital’s authorization server, whose tokens open `POST /fhir/QuestionnaireResponse`.',
  },
  AUDIENCE: { schema: text, doc: 'The audience that such a token must name.' },
  INTROSPECTION_URL: { schema: url, doc: 'RFC 7662 endpoint, where the hospital’s access tokens are opaque.' },
  INTROSPECTION_CLIENT_ID: { schema: text, doc: 'The client id at that endpoint.' },
  INTROSPECTION_CLIENT_SECRET: { schema: text, doc: 'Its secret.', secret: true },
  HOOKS_SECRET: {
    schema: { type: 'string', minLength: 32 },
    doc: 'Secret that the server’s notifications carry. Without it, notifications are not taken and the cron alone finds what is new.',
    secret: true,
  },
  METRICS_TOKEN: {
    schema: { type: 'string', minLength: 16 },
    doc: 'Bearer token of `/metrics`; without it the route does not exist.',
    secret: true,
  },
  CDS_CLIENTS: {
    schema: {
      type: 'string',
      pattern: '^[^\\s,=]+=https?://[^\\s,]+([\\s,]+[^\\s,=]+=https?://[^\\s,]+)*$',
    },
    doc: 'CDS Hooks clients (EHRs) whose calls are answered, each as `issuer=address of its JWK Set`, separated by spaces; an issuer with several addresses stands several times. Needs `PUBLIC_URL`. Without it the routes exist on loopback alone, for this machine.',
  },
  CDS_ORIGINS: {
    schema: { type: 'string', pattern: '^https?://[^\\s,/*]+([\\s,]+https?://[^\\s,/*]+)*$' },
    doc: 'Origins whose pages may call the CDS Hooks routes from a browser (CORS), as `https://ehr.hospital.example`, separated by spaces. Needs `CDS_CLIENTS`: a page calls with the token of its EHR. Without it no page may.',
  },
  CDS_TENANT: { schema: text, doc: 'The `tenant` that every token of a CDS client must name, where the site has one.' },
  CDS_LANGUAGE: {
    schema: oneOf(['es', 'ca', 'en'], 'es'),
    doc: 'Language of CDS cards where the request asks for none of Spanish, Catalan and English.',
  },
  CDS_LAUNCH_URL: {
    schema: url,
    doc: 'Where the EHR launches the SMART app from a card; without it no card links there.',
  },
  CDS_GUIDE_URL: { schema: url, doc: 'A page of the hospital about stepped care, to which cards link.' },
  READY_MAX_RUN_AGE_MINUTES: {
    schema: whole(1, 100_000, 360),
    doc: '`/ready` says no once the last good alliance run is older.',
  },
  READY_TIMEOUT_MS: { schema: whole(100, 60_000, 5_000), doc: 'How long `/ready` waits for the FHIR server.' },
  NOTIFICATIONS_MAX: {
    schema: whole(1, 1_000_000, 1_000),
    doc: 'Notifications that may wait; the alliance job finds the others.',
  },
  INTAKE_TIMEOUT_MS: {
    schema: whole(100, 600_000, 8_000),
    doc: 'How long one request to the FHIR server may take while somebody waits for an answer.',
  },
  ALLIANCE_CRON: {
    schema: { ...text, default: '*/5 * * * *' },
    doc: 'When the alliance job runs, as a cron expression in UTC.',
  },
  STEPS_CRON: {
    schema: { ...text, default: '1-59/5 * * * *' },
    doc: 'When the steps job runs (proposals, escalations of undecided ones), as a cron expression in UTC.',
  },
  SCHEDULE_CRON: {
    schema: { ...text, default: '2-59/5 * * * *' },
    doc: 'When the schedule job runs (questionnaires due, reminders), as a cron expression in UTC.',
  },
  NOTIFY_SMTP_URL: {
    schema: { type: 'string', pattern: '^smtps?://[^\\s/]+' },
    doc: 'Mail server through which people are told: `smtps://user:password@host:465`, or `smtp://…` with STARTTLS (`?tls=off` for a relay that has none). This or `NOTIFY_WEBHOOK_URL`.',
    secret: true,
  },
  NOTIFY_SMTP_FROM: {
    schema: { type: 'string', pattern: "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$" },
    doc: 'The address that mail comes from.',
  },
  NOTIFY_WEBHOOK_URL: {
    schema: url,
    doc: 'Receiver of signed notices (Standard Webhooks), which reaches people itself. `https`, but for this machine.',
  },
  NOTIFY_WEBHOOK_SECRET: {
    schema: { type: 'string', minLength: 32 },
    doc: 'Secret that signs them: text, or `whsec_` and base64.',
    secret: true,
  },
  NOTIFY_TIMEOUT_MS: { schema: whole(100, 600_000, 10_000), doc: 'How long one try to tell somebody may take.' },
  NOTIFY_ATTEMPTS: {
    schema: whole(1, 10, 2),
    doc: 'How often a notice is tried at once before it counts as not delivered.',
  },
  TIME_ZONE: {
    schema: { ...text, default: 'Europe/Madrid' },
    doc: 'Zone in which days, months and times without a zone are read.',
  },
  CONTENT_DIR: { schema: text, doc: 'A site’s own content, laid over what ships.' },
  WORDING_DIR: { schema: text, doc: 'Wording of licensed instruments that the site may use.' },
  COHORT_KEY_FILE: {
    schema: text,
    doc: 'File with the key (32 bytes or more) under which `vincle report cohort --format csv` codes patients, therapists and sites. The pseudonymiser holds it, the researcher never does; without it no data set is exported.',
  },
  SHADOW: {
    schema: oneOf(['on', 'off'], 'off'),
    doc: 'Shadow mode: steps are computed and nothing about them is written; signs of danger go to the coordinator alone. `vincle shadow` shows what would have been.',
  },
  SAFETY_FROM: {
    schema: {
      type: 'string',
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)$',
    },
    doc: 'Answers from before this instant (with zone) never raise a sign of danger: they go to one review list. Set it to the day on which the site begins to watch; without it every answer on the server is raised, however old.',
  },
  SAFETY_SECONDS: {
    schema: { type: 'integer', enum: [5, 10, 15, 20, 30, 60, 120, 300, 600], default: 60 },
    doc: 'How often the server is asked for signs of danger in what others stored there, in seconds.',
  },
  ESCALATE_CRON: {
    schema: { ...text, default: '30 * * * * *' },
    doc: 'When it is looked whether a sign of danger waits too long, as a cron expression in UTC (with seconds).',
  },
  LOG_LEVEL: {
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info'),
    doc: 'How much is logged, as JSON lines on stderr.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
