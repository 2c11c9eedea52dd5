import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { Credentials, FhirServer } from '../../fhir/port.ts';
import type { State } from '../../state/port.ts';
import { refusal, unauthenticated } from '../refusal.ts';
import { allowedBy, callerOfRecord, type Launch, type LaunchRecord } from './launch.ts';
import { type Renewal, sessionCredentials } from './session-credentials.ts';

/** How long a launch lasts without a request, and in all. */
export interface LaunchTimes {
  readonly idleMs: number;
  readonly longestMs: number;
}

/** What the launches need of the outside. */
export interface LaunchPorts {
  readonly state: State;
  readonly now: () => number;
  /** A FHIR server that is asked with these credentials. */
  readonly connect: (iss: string, credentials: Credentials) => FhirServer;
  readonly renew: Renewal;
  /** Cookies are sent over TLS alone, and into frames of other sites. */
  readonly isSecure: boolean;
  readonly times: LaunchTimes;
}

const ID = /^[A-Za-z0-9_-]{22,64}$/;
const idOfState = (id: string): string => `launch/${id}`;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
/** 256 bits. */
export const randomId = (): string => randomBytes(32).toString('base64url');

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The launches that are under way, kept sealed in the state: any replica serves any request. */
export class Launches {
  readonly #ports: LaunchPorts;

  constructor(ports: LaunchPorts) {
    this.#ports = ports;
  }

  /** Begins one and gives its cookie to the browser. */
  async begin(
    record: Omit<LaunchRecord, 'id' | 'cookieDigest' | 'csrf' | 'startedAt' | 'endsAt'>,
    response: Response,
  ): Promise<LaunchRecord> {
    const [id, cookie] = [randomBytes(18).toString('base64url'), randomId()];
    const startedAt = this.#ports.now();
    const endsAt = startedAt + this.#ports.times.longestMs;
    const whole = { ...record, id, cookieDigest: digest(cookie), csrf: randomId(), startedAt, endsAt };
    await this.#ports.state.keep(idOfState(id), whole, this.#until(whole));
    response.cookie(this.#cookieName(id), cookie, { ...this.#cookieOptions(), maxAge: this.#ports.times.longestMs });
    return whole;
  }

  /**
   * The launch of a request: named by the header `Vincle-Launch`, proven by the cookie of that launch, and by its CSRF
   * token where the request changes anything. @throws Refusal 401, 403
   */
  async of(request: Request): Promise<Launch> {
    const id = request.get('vincle-launch') ?? '';
    const cookie = parseCookie(request.get('cookie') ?? '')[this.#cookieName(id)];
    if (!ID.test(id) || cookie === undefined) throw unauthenticated('no-launch', 'Nobody has opened Vincle here.');
    const record = await this.#read(id);
    if (record === undefined || !isSame(record.cookieDigest, digest(cookie)))
      throw unauthenticated('launch-over', 'This launch is over: open Vincle again.');
    if (request.method !== 'GET' && !isSame(record.csrf, request.get('vincle-csrf') ?? ''))
      throw refusal(403, 'security', 'csrf', 'The change did not come from a page of this launch.');
    const site = request.get('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin')
      throw refusal(403, 'security', 'cross-site', 'The request did not come from a page of Vincle.');
    await this.#stay(record);
    return this.#launch(record);
  }

  /** Ends it here; what it was is given, so that its tokens can be revoked. */
  async end(launch: Launch, response: Response): Promise<LaunchRecord> {
    const { record } = launch;
    const latest = (await this.#read(record.id)) ?? record;
    await this.#ports.state.forget(idOfState(record.id));
    response.clearCookie(this.#cookieName(record.id), this.#cookieOptions());
    return latest;
  }

  #launch(record: LaunchRecord): Launch {
    const { state, now, renew, connect } = this.#ports;
    const credentials = sessionCredentials(record, {
      now,
      renew,
      read: () => this.#read(record.id),
      change: (next) => state.change(idOfState(record.id), this.#now(), next),
      acquire: () => state.acquire([`refresh/${record.id}`], randomId(), 20_000, now()),
    });
    return {
      record,
      caller: callerOfRecord(record),
      server: connect(record.iss, credentials),
      allows: allowedBy(record),
    };
  }

  async #read(id: string): Promise<LaunchRecord | undefined> {
    // Only launches stand there, and what was changed by others since does not open.
    return (await this.#ports.state.kept(idOfState(id), this.#now())) as LaunchRecord | undefined;
  }

  /** Only its end moves: the record may be renewed, or over, since it was read. */
  async #stay(record: LaunchRecord): Promise<void> {
    await this.#ports.state.extend(idOfState(record.id), this.#now(), this.#until(record));
  }

  #now(): string {
    return new Date(this.#ports.now()).toISOString();
  }

  /** Until nobody has asked for a while, and never longer than the whole. */
  #until(record: LaunchRecord): string {
    return new Date(Math.min(this.#ports.now() + this.#ports.times.idleMs, record.endsAt)).toISOString();
  }

  #cookieName(id: string): string {
    return `${this.#ports.isSecure ? '__Secure-' : ''}vincle-${id}`;
  }

  #cookieOptions() {
    const { isSecure } = this.#ports;
    return {
      path: '/api',
      httpOnly: true,
      secure: isSecure,
      // In a frame of the EHR the cookie is a third party’s: kept apart for that EHR alone (CHIPS).
      sameSite: isSecure ? ('none' as const) : ('lax' as const),
      ...(isSecure ? { partitioned: true } : {}),
    };
  }
}
