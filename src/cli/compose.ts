import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import packageJson from '../../package.json' with { type: 'json' };
import { type Config, requireHospital, requireServer } from '../config.ts';
import { displayOf } from '../content/display.ts';
import { loadContent } from '../content/load.ts';
import type { Content, LoadedContent } from '../content/port.ts';
import { publicKeyOf } from '../fhir/backend-services.ts';
import { connectBulkExport, connectFhir, type FhirAuth, type FhirOptions } from '../fhir/connect.ts';
import type { BulkExporter, FhirServer } from '../fhir/port.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import { openState } from '../state/open.ts';
import type { State } from '../state/port.ts';

const SHIPPED = fileURLToPath(new URL('../../', import.meta.url));

/** The content that ships, with the site’s own over it. Throws ContentError where it contradicts itself. */
export const contentOf = (config: Config): Promise<LoadedContent> =>
  loadContent({
    shipped: SHIPPED,
    ...(config.FHIR_BASE_URL === undefined ? {} : { baseUrl: config.FHIR_BASE_URL }),
    ...(config.CONTENT_DIR === undefined ? {} : { site: config.CONTENT_DIR }),
    ...(config.WORDING_DIR === undefined ? {} : { wording: config.WORDING_DIR }),
  });

type Credential = 'FHIR' | 'PUBLISH';

function authOf(config: Config, credential: Credential): FhirAuth {
  const use = credential === 'PUBLISH' && config.PUBLISH_AUTH !== undefined ? 'PUBLISH' : 'FHIR';
  const kind = config[`${use}_AUTH`];
  if (kind === 'bearer') return { kind, token: config[`${use}_TOKEN`] ?? '' };
  if (kind !== 'backend-services') return { kind: 'none' };
  return {
    kind,
    clientId: config[`${use}_CLIENT_ID`] ?? '',
    privateKeyFile: config[`${use}_PRIVATE_KEY_FILE`] ?? '',
    scopes: config.FHIR_SCOPES,
    ...(config.FHIR_KEY_ID === undefined ? {} : { keyId: config.FHIR_KEY_ID }),
    ...(config.FHIR_TOKEN_URL === undefined ? {} : { tokenUrl: config.FHIR_TOKEN_URL }),
  };
}

/** The hospital’s server, with the job’s credential or with publish’s own. */
export const serverOf = (config: Config, credential: Credential = 'FHIR'): FhirServer =>
  connectFhir(fhirOptionsOf(config, credential));

/** The hospital’s Bulk Data `$export`, with the job’s credential. */
export const bulkExportOf = (config: Config): BulkExporter => connectBulkExport(fhirOptionsOf(config, 'FHIR'));

function fhirOptionsOf(config: Config, credential: Credential): FhirOptions {
  requireServer(config);
  return {
    baseUrl: config.FHIR_BASE_URL,
    auth: authOf(config, credential),
    timeoutMs: config.FHIR_TIMEOUT_MS,
    retry: { attempts: config.FHIR_ATTEMPTS },
    largestAnswer: config.FHIR_MAX_ANSWER_MB * 1_000_000,
    compressed: config.FHIR_GZIP === 'on',
    clientIds: config.FHIR_CLIENT_IDS as 'auto' | 'yes' | 'no',
  };
}

/** The context of every stage, for the patients of the configured programme. */
export function contextOf(config: Config, content: Content): PipelineContext {
  requireHospital(config);
  return {
    content,
    display: displayOf(content.resources),
    settings: {
      study: config.STUDY,
      episodeType: config.EPISODE_TYPE,
      timeZone: config.TIME_ZONE,
      baseUrl: config.FHIR_BASE_URL,
    },
  };
}

export const stateOf = (config: Config): Promise<State> => openState(config.STATE_URL, config.STATE_KEYS_FILE);

/** The version of this software, as package.json states it. */
export const VERSION: string = packageJson.version;

/** The public half of the key that signs client assertions, for `/.well-known/jwks.json`. */
export async function publicKeysOf(config: Config): Promise<readonly JWK[]> {
  const { FHIR_PRIVATE_KEY_FILE: privateKeyFile, FHIR_KEY_ID: keyId } = config;
  if (config.FHIR_AUTH !== 'backend-services' || privateKeyFile === undefined) return [];
  return [await publicKeyOf({ privateKeyFile, ...(keyId === undefined ? {} : { keyId }) })];
}
