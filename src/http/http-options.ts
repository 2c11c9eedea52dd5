import type { JWK } from 'jose';
import type { AccessChain } from '../pipeline/audit/deliver-accesses.ts';
import type { CdsOptions } from './cds-hooks/cds-options.ts';
import type { MakeCohortReport } from './make-cohort-report.ts';
import type { SmartOptions } from './smart/smart.ts';
import type { RateLimits } from './web/rate-limits.ts';

/** Whose tokens open the routes that hold patient data. */
export interface AuthorizationOptions {
  /** Issuer of the hospital's authorization server, as its tokens and its metadata name it. */
  readonly issuer: string;
  readonly audience: string;
  /** RFC 7662, for opaque tokens; the endpoint is discovered where none is given. */
  readonly introspection?: { readonly url?: string; readonly clientId: string; readonly clientSecret: string };
}

export interface HttpOptions {
  /** Without it no token is taken, and every route that needs one answers 401. */
  readonly authorization?: AuthorizationOptions;
  /** What the Subscription sends as `Authorization: Bearer …`; without it the route does not exist. */
  readonly hooksSecret?: string;
  /** Without it the routes of CDS Hooks do not exist. */
  readonly cds?: CdsOptions;
  /** Where accesses are written that the hospital’s server does not take; without it they stay dead letters. */
  readonly accessChain?: AccessChain;
  /** Forms may be opened by a personal link, with a code that goes to the telephone in the record. */
  readonly personalLinks?: boolean;
  /** Without it researchers have no page. */
  readonly cohortReport?: MakeCohortReport;
  /** Without it nobody launches the app. */
  readonly smart?: SmartOptions;
  /** Without it nothing is limited. */
  readonly rateLimits?: RateLimits;
  /** Reverse proxies before Vincle whose word about a caller’s address is taken; 0 where nothing is said. */
  readonly proxyHops?: number;
  /** Where the built browser apps are; without it their pages do not exist. */
  readonly appFolder?: string;
  /** Without it the route does not exist. */
  readonly metricsToken?: string;
  /** Where the hospital reaches Vincle, without a slash at the end. */
  readonly publicUrl?: string;
  /** Version of this software. */
  readonly version: string;
  /** Public halves of the keys that sign client assertions. */
  readonly publicKeys?: readonly JWK[];
  /** When a job is next due; absent for one that no clock starts here. */
  readonly nextRunOf?: (job: string) => Date | undefined;
  /** Not ready once the last good alliance run ended longer ago. */
  readonly lastRunMaxAgeMs: number;
  /** How long `/ready` waits for the FHIR server. */
  readonly readyTimeoutMs?: number;
  /** Notifications that wait, at most; the job finds the others. */
  readonly notificationsMax?: number;
}
