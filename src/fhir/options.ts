import type { Credentials } from './port.ts';

/** How requests are authenticated. */
export type FhirAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | BackendServicesAuth
  /** Tokens that somebody else obtains and renews: those of a person who launched the app. */
  | { readonly kind: 'supplied'; readonly credentials: Credentials };

/** SMART Backend Services with an asymmetric client assertion. */
export interface BackendServicesAuth {
  readonly kind: 'backend-services';
  readonly clientId: string;
  /** JWK, or PKCS #8 PEM. */
  readonly privateKeyFile: string;
  readonly scopes: string;
  /** Where the file does not carry one. */
  readonly keyId?: string;
  /** Where the server has no `.well-known/smart-configuration`. */
  readonly tokenUrl?: string;
}

export interface RetryOptions {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Waiting before the second try, in milliseconds; it doubles each time. */
  readonly baseMs: number;
  /** The longest wait between two tries, whatever Retry-After asks. */
  readonly maxMs: number;
}

export interface FhirOptions {
  readonly baseUrl: string;
  readonly auth: FhirAuth;
  /** One request, in milliseconds. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Whether the server takes the client’s ids; `auto` tries, and asks where it is refused. */
  readonly clientIds?: 'auto' | 'yes' | 'no';
  /** The largest answer that is read, in bytes as they come over the wire. */
  readonly largestAnswer?: number;
  /** Answers may come compressed. Beside the server the processor is dearer than the line: not so where absent. */
  readonly compressed?: boolean;
  readonly clock?: Clock;
}

/** Time and chance, so that tests can stand them still. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** 0 to 1, for jitter. */
  random(): number;
}
