import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry } from 'fhir/r4.js';
import { resolveReferences } from './bundle-references.ts';
import { type Answer, etag, type Interaction, locationOf, type Method, readAddress } from './interaction.ts';
import { perform } from './perform.ts';
import { badRequest, preconditionFailed, Refusal } from './refusal.ts';
import { checkResource, checkType, isResource } from './resource-check.ts';
import type { Clause } from './search.ts';
import type { ServerParts } from './server-parts.ts';
import { conditionalTarget, oneMatch } from './write.ts';

const METHODS: readonly Method[] = ['DELETE', 'POST', 'PUT', 'GET'];

/** An entry as an interaction, with where its resource will be once that is known. */
interface Step {
  readonly request: Interaction;
  readonly fullUrl?: string;
  readonly position: number;
  /** The search of a conditional update: what was written has to meet it. */
  readonly condition?: readonly Clause[];
}

/** POST [base]: a batch answers each entry by itself, a transaction is all or nothing. */
export function performBundle(parts: ServerParts, sent: unknown, baseUrl: string, withResources: boolean): Bundle {
  if (!isResource(sent) || sent.resourceType !== 'Bundle') throw badRequest('The body is no Bundle');
  const steps = (sent.entry ?? []).map((entry, position) => stepOf(entry, position, baseUrl));
  const shows = (step: Step) => withResources || step.request.method === 'GET';
  if (sent.type === 'batch') {
    const entry = steps.map((step) => answerOrRefusal(() => perform(parts, step.request), baseUrl, shows(step)));
    return { resourceType: 'Bundle', id: randomUUID(), type: 'batch-response', entry };
  }
  if (sent.type !== 'transaction') throw badRequest('The Bundle is neither batch nor transaction');
  const answers = transact(parts, steps);
  const entry = steps.map((step, i) => entryOf(answers.get(i) ?? { status: 500 }, baseUrl, shows(step)));
  return { resourceType: 'Bundle', id: randomUUID(), type: 'transaction-response', entry };
}

function stepOf(entry: BundleEntry, position: number, baseUrl: string): Step {
  const where = `Bundle.entry[${position}]`;
  const { request, resource, fullUrl } = entry;
  const method = METHODS.find((it) => it === request?.method);
  if (request === undefined || method === undefined || typeof request.url !== 'string') {
    throw badRequest('An entry has no request that this server can carry out', where);
  }
  const address = readAddress(request.url.startsWith(`${baseUrl}/`) ? request.url.slice(baseUrl.length) : request.url);
  // HAPI too refuses the whole Bundle, a batch as well, where one resource cannot be read.
  if (method === 'POST' || method === 'PUT') checkResource(resource, checkType(address.path[0] ?? ''), where);
  const { ifMatch, ifNoneMatch, ifNoneExist } = request;
  return {
    position,
    ...(fullUrl === undefined ? {} : { fullUrl }),
    request: {
      method,
      ...address,
      baseUrl,
      ...(resource === undefined ? {} : { body: resource }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
      ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
    },
  };
}

/** Deletes first, then creates, updates and reads, as FHIR orders them; the answers by the position of their entry. */
function transact(parts: ServerParts, steps: readonly Step[]): Map<number, Answer> {
  return parts.repository.transact(() => {
    const finals = new Map<string, string>();
    const targets = new Set<string>();
    const planned = steps.map((step) => at(step, () => plan(parts, step, finals, targets)));
    const answers = new Map<number, Answer>();
    for (const method of METHODS) {
      for (const step of planned.filter(({ request }) => request.method === method)) {
        const body = resolveReferences(step.request.body, finals, parts);
        answers.set(
          step.position,
          at(step, () => carryOut(parts, { ...step, request: { ...step.request, body } })),
        );
      }
    }
    return answers;
  });
}

/** Decides where the entry's resource will be, so that others can refer to it; one resource may be written once. */
function plan(parts: ServerParts, step: Step, finals: Map<string, string>, targets: Set<string>): Step {
  const { request, fullUrl } = step;
  const [type = '', id] = request.path;
  if (request.method === 'GET' || (request.method === 'DELETE' && id === undefined)) return step;
  const target = `${type}/${id ?? newTarget(parts, type, request, finals)}`;
  if (fullUrl !== undefined && request.method !== 'DELETE') finals.set(fullUrl, target);
  const condition = request.method === 'POST' ? request.ifNoneExist : undefined;
  if (condition !== undefined) finals.set(conditionKey(type, condition), target);
  else if (targets.has(target)) throw badRequest('A transaction may write a resource only once');
  targets.add(target);
  const path = target.split('/');
  if (request.method !== 'PUT' || id !== undefined) return { ...step, request: { ...request, path } };
  const body = { ...checkResource(request.body, type), id: path[1] };
  return { ...step, condition: request.query, request: { ...request, path, query: [], body } };
}

function newTarget(
  parts: ServerParts,
  type: string,
  request: Interaction,
  finals: ReadonlyMap<string, string>,
): string {
  if (request.method === 'PUT') {
    return conditionalTarget(parts, type, checkResource(request.body, type), request.query);
  }
  if (request.ifNoneExist === undefined) return randomUUID();
  // The same condition twice in one transaction means the same resource.
  const earlier = finals.get(conditionKey(type, request.ifNoneExist))?.split('/')[1];
  return earlier ?? oneMatch(parts, type, [...new URLSearchParams(request.ifNoneExist)])?.id ?? randomUUID();
}

const conditionKey = (type: string, condition: string): string => `condition ${type}?${condition}`;

/** A create of a transaction has its id already: others refer to it. */
function carryOut(parts: ServerParts, step: Step): Answer {
  const { request } = step;
  const [type = '', id = ''] = request.path;
  if (request.method !== 'POST') {
    const answer = perform(parts, request);
    if (step.condition !== undefined && !parts.search.matches(type, id, step.condition)) {
      throw preconditionFailed('The body does not meet the search');
    }
    return answer;
  }
  const existing = parts.repository.latest(type, id);
  if (existing?.resource !== undefined) return { status: 200, resource: existing.resource, version: existing };
  const { version } = parts.repository.put(id, checkResource(request.body, type));
  return { status: 201, version, ...(version.resource === undefined ? {} : { resource: version.resource }) };
}

function at<T>(step: Step, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const code = cause.outcome.issue[0]?.code ?? 'processing';
    throw new Refusal(cause.status, code, cause.message, `Bundle.entry[${step.position}]`);
  }
}

function answerOrRefusal(work: () => Answer, baseUrl: string, withResource: boolean): BundleEntry {
  try {
    return entryOf(work(), baseUrl, withResource);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return { response: { status: String(cause.status), outcome: cause.outcome } };
  }
}

function entryOf({ status, version, resource }: Answer, baseUrl: string, withResource: boolean): BundleEntry {
  const written = version === undefined ? {} : { etag: etag(version), lastModified: version.lastUpdated };
  const location = version === undefined ? {} : { location: locationOf(version) };
  const shown = withResource && resource !== undefined ? { resource } : {};
  const fullUrl = version === undefined ? {} : { fullUrl: `${baseUrl}/${version.type}/${version.id}` };
  return {
    ...(withResource ? fullUrl : {}),
    ...shown,
    response: { status: `${status} ${REASONS[status] ?? ''}`.trim(), ...written, ...location },
  };
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content', 304: 'Not Modified' };
