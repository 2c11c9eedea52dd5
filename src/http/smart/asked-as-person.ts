import { FhirError, type FhirServer } from '../../fhir/port.ts';
import { insufficient, unauthenticated } from '../refusal.ts';

/** What a person’s own token was refused: signed out by the hospital, or not allowed to see this. */
function said(error: unknown): unknown {
  if (!(error instanceof FhirError) || error.kind !== 'unauthorized') return error;
  return error.status === 403
    ? insufficient('hospital-refuses', 'The hospital does not let you see this.')
    : unauthenticated('token-over', 'The hospital’s sign-in is over: open Vincle again.');
}

async function* pages<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* source;
  } catch (error) {
    throw said(error);
  }
}

/** The server, where the refusal of a person’s token is that person’s and not a failure of Vincle’s. */
export const askedAsPerson = (server: FhirServer): FhirServer => {
  const awaited = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> =>
      call(...args).catch((error: unknown) => {
        throw said(error);
      });
  };
  return {
    baseUrl: server.baseUrl,
    get traffic() {
      return server.traffic;
    },
    capabilities: awaited(() => server.capabilities()),
    read: (type, id) => awaited(() => server.read(type, id))(),
    search: (search) => pages(server.search(search)),
    searchAll: awaited((searches) => server.searchAll(searches)),
    write: awaited((write) => server.write(write)),
    transaction: awaited((writes) => server.transaction(writes)),
    request: awaited((method, path, body) => server.request(method, path, body)),
  };
};
