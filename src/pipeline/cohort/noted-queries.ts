import type { Query } from '../../domain/queries.ts';
import type { FhirServer, Page } from '../../fhir/port.ts';

/** Parameters whose values are the same for everybody; of the others a value may be somebody’s. */
const TOLD: ReadonlySet<string> = new Set([
  'status',
  'code',
  'medium',
  'class',
  'category',
  'type',
  'questionnaire',
  'study',
  '_elements',
  '_count',
  '_sort',
]);
const HIDDEN = '…';

/** A search without anybody’s id: its type and parameters, and values where they are the same for everybody. */
const patternOf = ({ type, params }: Query): string =>
  `${type}?${params.map(([name, value]) => `${name}=${TOLD.has(name) ? value : HIDDEN}`).join('&')}`;

/** What was asked of a server so far. */
export interface NotedQueries {
  /** Each kind of query once, in the order in which they were first sent; no id of anybody. */
  readonly kinds: ReadonlySet<string>;
  /** The server’s time when it first answered a search, ISO; absent where it gives none. */
  readonly since: string | undefined;
}

/** The server, and a note of every kind of query that goes to it. */
export function noteQueries(server: FhirServer): { readonly server: FhirServer; readonly noted: NotedQueries } {
  const kinds = new Set<string>();
  let since: string | undefined;
  const answered = (page: Answer | undefined): void => {
    since ??= page?.serverTime;
  };
  const noted: NotedQueries = {
    kinds,
    get since() {
      return since;
    },
  };
  return { noted, server: notingServer(server, kinds, answered) };
}

type Answer = Pick<Page, 'serverTime'>;

function notingServer(
  server: FhirServer,
  kinds: Set<string>,
  answered: (page: Answer | undefined) => void,
): FhirServer {
  return {
    baseUrl: server.baseUrl,
    get traffic() {
      return server.traffic;
    },
    capabilities: () => server.capabilities(),
    read: (type, id) => {
      kinds.add(`${type}/${HIDDEN}`);
      return server.read(type, id);
    },
    async *search(search) {
      kinds.add(patternOf(search));
      for await (const page of server.search(search)) {
        answered(page);
        yield page;
      }
    },
    searchAll: async (searches) => {
      for (const it of searches) kinds.add(patternOf(it));
      const pages = await server.searchAll(searches);
      answered(pages[0]);
      return pages;
    },
    write: (write) => server.write(write),
    transaction: (writes) => server.transaction(writes),
    request: (method, path, body) => {
      if (method === 'GET') kinds.add(path.replace(/=[^&]*/g, `=${HIDDEN}`));
      return server.request(method, path, body);
    },
  };
}
