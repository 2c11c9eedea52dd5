import { type Credentials, FhirError } from '../../fhir/port.ts';
import type { Lease } from '../../state/port.ts';
import { Refusal } from '../refusal.ts';
import type { Granted } from './authorization.ts';
import type { LaunchRecord } from './launch.ts';

/** Asks the authorization server of an `iss` for a new access token. @throws Refusal */
export type Renewal = (iss: string, refreshToken: string, scope: string) => Promise<Granted>;

interface SessionParts {
  readonly now: () => number;
  readonly renew: Renewal;
  readonly read: () => Promise<LaunchRecord | undefined>;
  /** Keeps the renewed record; false where the launch is over meanwhile. */
  readonly change: (record: LaunchRecord) => Promise<boolean>;
  /** The right to be the one who renews, over all replicas; `undefined` where another does. */
  readonly acquire: () => Promise<Lease | undefined>;
}

/** An access token is renewed this long before it ends. */
const MARGIN_MS = 20_000;
const WAITS_MS = 100;
const TRIES = 100;

/** The person’s own token, renewed on the server; a refresh token that is used once is used by one replica. */
export function sessionCredentials(record: LaunchRecord, parts: SessionParts): Credentials {
  let current = record;
  let forgotten: string | undefined;
  const isGood = (it: LaunchRecord): boolean =>
    it.accessToken !== forgotten && (it.accessExpiresAt === undefined || parts.now() < it.accessExpiresAt - MARGIN_MS);
  const renewed = async (): Promise<string> => {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      current = (await parts.read()) ?? current;
      if (isGood(current)) return current.accessToken;
      const lease = await parts.acquire();
      if (lease === undefined) {
        await new Promise((resolve) => setTimeout(resolve, WAITS_MS));
        continue;
      }
      try {
        current = (await parts.read()) ?? current;
        if (!isGood(current)) current = await renewOnce(current, parts);
        return current.accessToken;
      } finally {
        await lease.release();
      }
    }
    throw new FhirError('unreachable', 'The access token is being renewed elsewhere, and takes long.');
  };
  return {
    renewable: record.refreshToken !== undefined,
    token: () => (isGood(current) ? Promise.resolve(current.accessToken) : renewed()),
    forget: (token) => {
      forgotten = token;
    },
  };
}

async function renewOnce(record: LaunchRecord, { now, renew, change }: SessionParts): Promise<LaunchRecord> {
  if (record.refreshToken === undefined)
    throw new FhirError('unauthorized', 'The access token has ended, and the hospital gives no other.', {
      status: 401,
    });
  try {
    const granted = await renew(record.iss, record.refreshToken, record.scope);
    const { accessExpiresAt: _former, ...rest } = record;
    const next: LaunchRecord = {
      ...rest,
      accessToken: granted.accessToken,
      refreshToken: granted.refreshToken ?? record.refreshToken,
      scope: granted.scope,
      ...(granted.expiresIn === undefined ? {} : { accessExpiresAt: now() + granted.expiresIn * 1000 }),
    };
    if (await change(next)) return next;
    throw new FhirError('unauthorized', 'The launch is over.', { status: 401 });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isOver = error.status < 500;
    throw new FhirError(isOver ? 'unauthorized' : 'unreachable', error.message, isOver ? { status: 401 } : {});
  }
}
