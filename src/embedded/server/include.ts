import type { FhirResource } from 'fhir/r4.js';
import type { Repository } from './repository.ts';
import type { Include, ResultParameters } from './result-parameters.ts';
import type { Search } from './search.ts';

const address = (resource: FhirResource): string => `${resource.resourceType}/${resource.id}`;

/** What `_include` and `_revinclude` add to the matches of one page, each resource once. */
export function includedResources(
  matches: readonly FhirResource[],
  wanted: Pick<ResultParameters, 'include' | 'revInclude'>,
  repository: Repository,
  search: Search,
): FhirResource[] {
  const seen = new Set(matches.map(address));
  const included: FhirResource[] = [];
  let round: readonly FhirResource[] = matches;
  for (let first = true; round.length > 0; first = false) {
    const applies = (include: Include) => first || include.iterate;
    const found = [
      ...wanted.include.filter(applies).flatMap((include) => pointedAt(round, include, repository, search)),
      ...wanted.revInclude.filter(applies).flatMap((include) => pointingAt(round, include, repository, search)),
    ];
    const fresh: FhirResource[] = [];
    for (const resource of found) {
      if (seen.has(address(resource))) continue;
      seen.add(address(resource));
      fresh.push(resource);
    }
    included.push(...fresh);
    round = fresh;
  }
  return included;
}

function pointedAt(from: readonly FhirResource[], include: Include, repository: Repository, search: Search) {
  return from
    .filter(({ resourceType }) => resourceType === include.source)
    .flatMap(({ resourceType, id }) => search.referencesFrom(resourceType, id ?? '', include.code))
    .map((reference) => reference.split('/'))
    .filter(([type]) => include.target === undefined || include.target === type)
    .flatMap(([type = '', id = '']) => repository.current(type, id) ?? []);
}

function pointingAt(to: readonly FhirResource[], include: Include, repository: Repository, search: Search) {
  const targets = to.filter(({ resourceType }) => include.target === undefined || include.target === resourceType);
  if (targets.length === 0) return [];
  const ids = search.ids(include.source, [[include.code, targets.map(address).join(',')]]);
  return ids.flatMap((id) => repository.current(include.source, id) ?? []);
}
