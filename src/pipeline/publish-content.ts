import type { FhirResource } from 'fhir/r4.js';
import type { Query } from '../domain/queries.ts';
import { sameDerived } from '../domain/same-resource.ts';
import { FhirError, type FhirErrorKind, type FhirServer, type ResourceType, type Write } from '../fhir/port.ts';
import { ask } from './by-subject.ts';

/** `left out`: a search parameter of ours that the server does not take; everything is found without it. */
export type PublishState = 'new' | 'same' | 'replaced' | 'would replace' | 'refused' | 'left out';

/** What became of one resource of the content. */
export interface Published {
  /** `Type/id` in Vincle's content. */
  readonly resource: string;
  readonly version: string | undefined;
  readonly state: PublishState;
  /** What stands there now, or why the server refused. */
  readonly detail: string | undefined;
}

export interface PublishOptions {
  /** Write over what stands there with other content. */
  readonly replace: boolean;
  readonly dryRun: boolean;
}

/** Terminology before what is bound to it, profiles before what claims them. */
const ORDER = [
  'CodeSystem',
  'ValueSet',
  'NamingSystem',
  'StructureDefinition',
  'SearchParameter',
  'Device',
  'Questionnaire',
  'ActivityDefinition',
  'PlanDefinition',
  'CapabilityStatement',
  'ImplementationGuide',
];
const rank = (it: FhirResource): number => (ORDER.indexOf(it.resourceType) + ORDER.length) % ORDER.length;

/**
 * Brings the content to the server. What is not there is created; what is there and the same is left; what is there and
 * differs is named, and replaced only where that was asked for.
 */
export async function publishContent(
  server: FhirServer,
  resources: readonly FhirResource[],
  options: PublishOptions,
): Promise<Published[]> {
  const ordered = [...resources].sort((a, b) => rank(a) - rank(b));
  const needed = await publishAll(
    server,
    ordered.filter((it) => !isOptional(it)),
    options,
  );
  return [...needed, ...(await publishOptional(server, ordered.filter(isOptional), options))];
}

async function publishAll(
  server: FhirServer,
  resources: readonly FhirResource[],
  options: PublishOptions,
): Promise<Published[]> {
  const pages = await ask(server, resources.map(whereItStands));
  const results: Published[] = [];
  for (const [index, resource] of resources.entries()) {
    const standing = (pages[index]?.resources ?? []).filter((it) => versionOf(it) === versionOf(resource));
    results.push(await publishOne(server, resource, standing[0], options));
  }
  return results;
}

/** The same of what a server may not know at all. */
async function publishOptional(
  server: FhirServer,
  resources: readonly FhirResource[],
  options: PublishOptions,
): Promise<Published[]> {
  try {
    return await publishAll(server, resources, options);
  } catch (error) {
    if (!wontTake(error)) throw error;
    return resources.map((it) => ({ ...nameOf(it), state: 'left out' as const, detail: error.message }));
  }
}

const nameOf = (it: FhirResource): Pick<Published, 'resource' | 'version'> => ({
  resource: `${it.resourceType}/${it.id}`,
  version: versionOf(it),
});

const versionOf = (it: FhirResource): string | undefined =>
  'version' in it && typeof it.version === 'string' ? it.version : undefined;

function whereItStands(it: FhirResource): Query<ResourceType> {
  if ('url' in it && typeof it.url === 'string') return { type: it.resourceType, params: [['url', it.url]] };
  return { type: it.resourceType, params: [['_id', it.id ?? '']] };
}

async function publishOne(
  server: FhirServer,
  resource: FhirResource,
  standing: FhirResource | undefined,
  options: PublishOptions,
): Promise<Published> {
  const named = nameOf(resource);
  if (standing !== undefined && sameContent(standing, resource)) return { ...named, state: 'same', detail: undefined };
  const detail =
    standing === undefined
      ? undefined
      : `${standing.resourceType}/${standing.id} of ${standing.meta?.lastUpdated ?? 'unknown date'}`;
  if (standing !== undefined && (!options.replace || options.dryRun))
    return { ...named, state: 'would replace', detail };
  if (options.dryRun) return { ...named, state: 'new', detail };
  try {
    await server.write(await addressed(server, resource, standing));
    return { ...named, state: standing === undefined ? 'new' : 'replaced', detail };
  } catch (error) {
    if (wontTake(error) && isOptional(resource)) return { ...named, state: 'left out', detail: error.message };
    if (error instanceof FhirError && error.kind === 'rejected')
      return { ...named, state: 'refused', detail: error.message };
    throw error;
  }
}

const REFUSED: ReadonlySet<FhirErrorKind> = new Set(['rejected', 'not-found', 'unauthorized']);

/** The server would never take it, or does not know such things, or lets nobody bring them. */
const wontTake = (error: unknown): error is FhirError => error instanceof FhirError && REFUSED.has(error.kind);

/** What `doctor` names a fallback for. */
const isOptional = (it: FhirResource): boolean => it.resourceType === 'SearchParameter';

/** Servers rewrite dates and order of nothing, but add their own meta and narrative; derived resources are compared the same way. */
const sameContent = (a: FhirResource, b: FhirResource): boolean =>
  sameDerived(withoutServerParts(a), withoutServerParts(b));

function withoutServerParts(it: FhirResource): FhirResource {
  const { meta, ...rest } = it;
  const { profile } = meta ?? {};
  return profile === undefined ? (rest as FhirResource) : ({ ...rest, meta: { profile } } as FhirResource);
}

async function addressed(
  server: FhirServer,
  resource: FhirResource,
  standing: FhirResource | undefined,
): Promise<Write> {
  if (standing?.id !== undefined)
    return {
      method: 'PUT',
      resource: { ...resource, id: standing.id },
      ...(standing.meta?.versionId === undefined ? {} : { ifMatch: standing.meta.versionId }),
    };
  if ((await server.capabilities()).clientIds) return { method: 'PUT', resource };
  const { id: _own, ...rest } = resource;
  return { method: 'POST', resource: rest as FhirResource };
}
