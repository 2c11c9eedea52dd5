import type { FhirResource, Observation } from 'fhir/r4.js';
import { FhirError, type FhirServer } from '../../fhir/port.ts';

/** Every version of one resource that the server keeps, in no order; `undefined` where it keeps none. */
export async function versionsOf(server: FhirServer, type: string, id: string): Promise<FhirResource[] | undefined> {
  try {
    const answer = await server.request('GET', `${type}/${id}/_history?_count=200`);
    const entries = answer.resourceType === 'Bundle' ? (answer.entry ?? []) : [];
    const versions = entries.map((it) => it.resource).filter((it): it is FhirResource => it?.resourceType === type);
    return versions.length === 0 ? undefined : versions;
  } catch (error) {
    if (error instanceof FhirError && (error.kind === 'not-found' || error.kind === 'rejected')) return undefined;
    throw error;
  }
}

const updatedMs = (it: FhirResource): number => Date.parse(it.meta?.lastUpdated ?? '');

/** When a resource first stood on the server, by the server’s own clock; milliseconds since 1970. */
export async function firstStoodMs(server: FhirServer, resource: FhirResource): Promise<number | undefined> {
  const versions = await versionsOf(server, resource.resourceType, resource.id ?? '');
  const times = (versions ?? []).map(updatedMs).filter((it) => !Number.isNaN(it));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Observations as they stood at moments of the past, each history asked for once. */
export class ObservationsThen {
  readonly #server: FhirServer;
  readonly #observations: readonly Observation[];
  readonly #histories = new Map<string, readonly Observation[]>();

  constructor(server: FhirServer, observations: readonly Observation[]) {
    this.#server = server;
    this.#observations = observations;
  }

  /** What stood there at a moment of the server’s clock: what was changed since as it was, what is newer not at all. */
  async at(thenMs: number): Promise<Observation[]> {
    const known: Observation[] = [];
    for (const now of this.#observations) {
      const version = updatedMs(now) <= thenMs ? now : await this.#earlier(now, thenMs);
      if (version !== undefined) known.push(version);
    }
    return known;
  }

  async #earlier(now: Observation, thenMs: number): Promise<Observation | undefined> {
    const id = now.id ?? '';
    let history = this.#histories.get(id);
    if (history === undefined) {
      const versions = (await versionsOf(this.#server, 'Observation', id)) ?? [];
      history = versions.filter((it): it is Observation => it.resourceType === 'Observation');
      this.#histories.set(id, history);
    }
    return history.filter((it) => updatedMs(it) <= thenMs).sort((a, b) => updatedMs(b) - updatedMs(a))[0];
  }
}
