import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';

export type ResourceType = FhirResource['resourceType'];
export type Resource<T extends ResourceType = ResourceType> = Extract<FhirResource, { resourceType: T }>;

/** A search as it is sent: the parameters in order, values unescaped. */
export interface Search<T extends ResourceType = ResourceType> {
  readonly type: T;
  readonly params: readonly (readonly [name: string, value: string])[];
}

/** One page of a search: what matched (`include`d resources apart) and the server's clock when it answered. */
export interface Page<T extends ResourceType = ResourceType> {
  readonly resources: readonly Resource<T>[];
  readonly included: readonly FhirResource[];
  /** `Bundle.total` where the server gave it. */
  readonly total?: number;
  /** Parameters that the server did not search by: its `self` link does not repeat them. */
  readonly ignored?: readonly string[];
  /** The HTTP Date header, or the Bundle's `meta.lastUpdated`, as an ISO instant; absent where neither came. */
  readonly serverTime?: string;
}

/**
 * One write. A PUT names its resource by `id`; `ifMatch` is a version id, `ifNoneMatch` creates or fails. In `where` and
 * `ifNoneExist` a `%` or `&` inside a value is URL-encoded by the caller; the rest may be.
 */
export type Write =
  | { readonly method: 'PUT'; readonly resource: FhirResource; readonly ifMatch?: string; readonly ifNoneMatch?: '*' }
  /** Conditional update: the search that names the one resource to replace, or to create where none matches. */
  | { readonly method: 'PUT'; readonly resource: FhirResource; readonly where: string }
  /** Create; with `ifNoneExist` only where that search finds nothing. `fullUrl` lets others in the transaction refer to it. */
  | {
      readonly method: 'POST';
      readonly resource: FhirResource;
      readonly ifNoneExist?: string;
      readonly fullUrl?: string;
    }
  | { readonly method: 'DELETE'; readonly type: ResourceType; readonly id: string };

export interface WriteResult {
  /** 201 created, 200 updated or unchanged, 204 deleted. */
  readonly status: number;
  readonly type?: ResourceType;
  readonly id?: string;
  readonly versionId?: string;
}

/** Why a request failed, in the words the callers decide on. */
export type FhirErrorKind =
  /** 404, 410 */
  | 'not-found'
  /** 409 or 412: somebody else wrote first, or several match */
  | 'conflict'
  /** 400, 422: the server will never take this */
  | 'rejected'
  /** 401, 403 */
  | 'unauthorized'
  /** 429 after the retries were spent */
  | 'throttled'
  /** no answer, a 5xx, or a timeout, after the retries were spent */
  | 'unreachable'
  /** an answer that is not FHIR: an HTML page, half a body, a `next` link to another origin */
  | 'malformed';

/** Carries what may be logged: never a body that was sent or an answer that came. */
export class FhirError extends Error {
  readonly kind: FhirErrorKind;
  readonly status: number | undefined;
  readonly outcome: OperationOutcome | undefined;
  /** True where a write may have reached the server although no answer came. */
  readonly uncertain: boolean;

  constructor(
    kind: FhirErrorKind,
    message: string,
    more: { status?: number; outcome?: OperationOutcome; uncertain?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'FhirError';
    this.kind = kind;
    this.status = more.status;
    this.outcome = more.outcome;
    this.uncertain = more.uncertain ?? false;
  }
}

/** What the server was found able to do; each missing ability has its fallback in the adapter or the pipeline. */
export interface Capabilities {
  /** PUT on an absent id creates. */
  readonly clientIds: boolean;
  /** Several writes in one atomic transaction. */
  readonly transaction: boolean;
  /** Several reads in one batch request. */
  readonly batch: boolean;
}

/**
 * What was sent since the client was made, every repeated request too; requests for tokens apart. `bytesOut` counts bodies;
 * `bytesIn` only answers that state their Content-Length, as they came over the wire.
 */
export interface Traffic {
  readonly requests: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** Where the token of a request comes from. */
export interface Credentials {
  /** A token that is good now; `undefined` where none is needed. */
  token(): Promise<string | undefined>;
  /** The server did not take this one: the next `token` is a new one, unless it was renewed meanwhile. */
  forget(token: string): void;
  readonly renewable: boolean;
}

/**
 * The hospital's FHIR server. Each method has a timeout and retries only what may be repeated (reads, PUT by id,
 * conditional writes; never a bare POST or a transaction that holds one); all throw `FhirError`.
 */
export interface FhirServer {
  readonly baseUrl: string;
  readonly traffic: Traffic;
  capabilities(): Promise<Capabilities>;
  /** GET [type]/[id]; `undefined` where there is none (404, 410). */
  read<T extends ResourceType>(type: T, id: string): Promise<Resource<T> | undefined>;
  /** One page at a time, by the server's own `next` links; a resource that two pages both hold is given once. */
  search<T extends ResourceType>(search: Search<T>): AsyncIterable<Page<T>>;
  /**
   * Several searches, each to its end, in the order asked. One batch request brings the first page of each; a server
   * without batch is asked one by one.
   */
  searchAll(searches: readonly Search[]): Promise<readonly Page[]>;
  /** One write, with its result. */
  write(write: Write): Promise<WriteResult>;
  /**
   * All or nothing, in one request, in order of result; on a server without transactions one by one, stopping at the
   * first failure. References may name another entry by its `fullUrl` (`urn:uuid:…`).
   */
  transaction(writes: readonly Write[]): Promise<readonly WriteResult[]>;
  /** Anything else: $validate, $export … */
  request(method: 'GET' | 'POST', path: string, body?: FhirResource): Promise<FhirResource>;
}

/** FHIR Bulk Data `$export`, where the server has it. */
export interface BulkExporter {
  /** Resources of these types, of the members of a Group or of every patient, in no order; one may come twice. */
  exported(level: 'Patient' | `Group/${string}`, types: readonly ResourceType[]): AsyncIterable<FhirResource>;
}

/** A Bundle is read by the port alone; callers see pages. */
export type SearchBundle = Bundle;
