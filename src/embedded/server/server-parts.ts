import { Paging } from './paging.ts';
import { Repository } from './repository.ts';
import { Search } from './search.ts';
import { SearchBundles } from './search-bundle.ts';
import { SearchIndex } from './search-index.ts';
import { SearchParameters } from './search-parameters.ts';
import { VersionLog } from './version-log.ts';

/** What every interaction works on. */
export interface ServerParts {
  readonly log: VersionLog;
  readonly repository: Repository;
  readonly parameters: SearchParameters;
  readonly search: Search;
  readonly bundles: SearchBundles;
}

/** Opens the store (a file, or memory) and puts the parts together. */
export function openServerParts(file?: string): ServerParts {
  const log = new VersionLog(file);
  const repository = new Repository(log);
  const parameters = new SearchParameters();
  const search = new Search(repository, parameters, new SearchIndex(repository, parameters));
  const bundles = new SearchBundles(repository, search, new Paging());
  return { log, repository, parameters, search, bundles };
}
