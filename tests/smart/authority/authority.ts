import type { Keys } from './clients.ts';
import type { FhirGate } from './fhir-gate.ts';
import type { Chosen, Person } from './people.ts';
import type { Lifetimes } from './provider.ts';

/** A fault of the token endpoint: the connection breaks, nobody ever answers, or a status is answered, until it is taken away. */
export type TokenFault = 'cut' | 'silent' | number;

/** A hospital’s authorization server with its guarded FHIR server, and what a test can do to both. */
export interface Authority {
  readonly issuer: string;
  /** The guarded FHIR server: the `iss` of a launch, and the `aud` of its authorization request. */
  readonly iss: string;
  /** Opens everything at the gate: Vincle’s own credential (`FHIR_AUTH=bearer`). */
  readonly systemToken: string;
  readonly keys: Keys;
  /** Signs the id_tokens: public half. */
  readonly gate: FhirGate;
  readonly lifetimes: Lifetimes;
  /** Every authorization and token request as it came: parameters by name, and the client’s `Authorization`. */
  readonly asked: {
    readonly authorize: URLSearchParams[];
    readonly token: TokenRequest[];
    readonly revoke: TokenRequest[];
  };
  tokenFault: TokenFault | undefined;
  /** Who signs in where no `launch` says it; the page asks where this is `undefined`. */
  standalone: Chosen | undefined;
  /** A launch value as an EHR makes it: whoever brings it is signed in without a page. Good many times, until another is made. */
  launch(chosen: Chosen): string;
  /** Where an EHR opens the app. */
  launchUrl(app: string, chosen: Chosen): string;
  /** A page of an EHR, on another origin than the app, which shows the app in a frame. */
  framedUrl(app: string, chosen: Chosen): string;
  /** Access tokens given so far open nothing any more; refresh tokens still work. */
  expireAccessTokens(): void;
  /** Access and refresh tokens given so far are worth nothing. */
  revokeEverything(): Promise<void>;
  stop(): Promise<void>;
}

export interface TokenRequest {
  readonly params: URLSearchParams;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
}

export interface AuthorityOptions {
  /** Base of the FHIR server behind: embedded, or HAPI. */
  readonly fhir: string;
  readonly people: Readonly<Record<string, Person>>;
  /** `…/callback` of each Vincle that is registered. */
  readonly redirectUris: readonly string[];
  /** How long an access token lives, in seconds; 300 where absent. Changed later in `lifetimes`. */
  readonly accessSeconds?: number;
  /** Laid over the SMART configuration, to be wrong on purpose. */
  readonly smartConfiguration?: Readonly<Record<string, unknown>>;
}
