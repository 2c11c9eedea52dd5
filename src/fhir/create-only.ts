import { randomUUID } from 'node:crypto';
import type { Observation } from 'fhir/r4.js';
import { instance } from './addresses.ts';
import type { Exchanges } from './exchange.ts';
import { FhirError, type Write, type WriteResult } from './port.ts';

/** By which words a server creates, or fails where something stands already. */
type Wording =
  /** `If-None-Match: *`, as FHIR says; also where it could not be found out. */
  | 'if-none-match'
  /** `If-Match: W/"0"`: HAPI passes over If-None-Match, creates on an absent id, and refuses a version that is not the current one. */
  | 'version-0'
  /** Neither: whoever writes last writes over the other. */
  | 'none';

type Creation = Extract<Write, { method: 'PUT'; ifNoneMatch?: '*' }> & { readonly ifNoneMatch: '*' };
const isCreation = (write: Write): write is Creation =>
  write.method === 'PUT' && 'ifNoneMatch' in write && write.ifNoneMatch !== undefined;

const NO_VERSION = '0';
const atNoVersion = (write: Write): Write =>
  isCreation(write) ? { method: 'PUT', resource: write.resource, ifMatch: NO_VERSION } : write;

/**
 * Creations that must not write over anything (`ifNoneMatch`), said as the server at hand understands it. What it
 * understands is found out once, at the first of them, by probes that are entered in error and deleted at once.
 */
export class CreateOnly {
  readonly #exchanges: Exchanges;
  #found: Promise<Wording> | undefined;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  /** Sends writes in the server’s own words. @throws FhirError `conflict` where something stood already */
  async send(
    writes: readonly Write[],
    send: (worded: readonly Write[]) => Promise<readonly WriteResult[]>,
  ): Promise<readonly WriteResult[]> {
    const creations = writes.filter(isCreation);
    if (creations.length === 0 || (await this.#wording()) !== 'version-0') return send(writes);
    try {
      return await send(writes.map(atNoVersion));
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
      const gone = await this.#deleted(creations);
      if (gone.size === 0) throw error;
      return send(writes.map((it) => (isCreation(it) && gone.has(it) ? revived(it) : atNoVersion(it))));
    }
  }

  /** Those that were deleted on the server: they have a version there, and are none. */
  async #deleted(creations: readonly Creation[]): Promise<ReadonlySet<Creation>> {
    const gone = new Set<Creation>();
    for (const it of creations) {
      const { resourceType, id = '' } = it.resource;
      const what = `GET ${resourceType}`;
      try {
        await this.#exchanges.send({ method: 'GET', url: instance(resourceType, id), what, repeatable: true });
      } catch (error) {
        if (!(error instanceof FhirError) || error.kind !== 'not-found') throw error;
        if (error.status === 410) gone.add(it);
      }
    }
    return gone;
  }

  /** Asked for once; again where the server was away. */
  #wording(): Promise<Wording> {
    this.#found ??= wordingOf(this.#exchanges).catch((error: unknown) => {
      if (!(error instanceof FhirError)) throw error;
      if (error.kind === 'unreachable' || error.kind === 'throttled') this.#found = undefined;
      return 'if-none-match';
    });
    return this.#found;
  }
}

const revived = ({ resource }: Creation): Write => ({ method: 'PUT', resource });

const probe = (id: string, value: number): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'entered-in-error',
  code: { text: 'Vincle: is it created only where nothing stands?' },
  valueInteger: value,
});

/** @throws FhirError where the server does not take the first probe: then nothing is known */
async function wordingOf(exchanges: Exchanges): Promise<Wording> {
  const [first, second] = [`vincle-probe-${randomUUID().slice(0, 18)}`, `vincle-probe-${randomUUID().slice(0, 18)}`];
  const address = (id: string) => ({ url: instance('Observation', id), repeatable: true });
  const put = (id: string, value: number, headers: Readonly<Record<string, string>>) =>
    exchanges.send({
      ...address(id),
      method: 'PUT',
      what: 'PUT probe',
      headers,
      body: JSON.stringify(probe(id, value)),
    });
  const refuses = (asked: Promise<unknown>) =>
    asked.then(
      () => false,
      (error: unknown) => {
        if (error instanceof FhirError && error.kind === 'conflict') return true;
        throw error;
      },
    );
  const absent = { 'if-none-match': '*' };
  const noVersion = { 'if-match': `W/"${NO_VERSION}"` };
  const made = [first];
  try {
    await put(first, 1, absent);
    if (await refuses(put(first, 2, absent))) return 'if-none-match';
    if (!(await refuses(put(first, 3, noVersion)))) return 'none';
    made.push(second);
    return (await refuses(put(second, 1, noVersion))) ? 'none' : 'version-0';
  } finally {
    for (const id of made)
      await exchanges.send({ ...address(id), method: 'DELETE', what: 'DELETE probe' }).catch(() => undefined);
  }
}
