import type { FhirResource, Observation, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { RATING_USE } from '../../domain/derived-observation.ts';
import { codeOf, visitOf } from '../../domain/page/page-input.ts';
import { escaped } from '../../domain/queries.ts';
import { idOf, literal } from '../../domain/reference.ts';
import { reviewProvenance } from '../../domain/review-provenance.ts';
import { isOpen } from '../../domain/review-task.ts';
import { FhirError } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { computeNow, type Now } from '../compute-now.ts';
import type { FormsPorts } from './forms-ports.ts';
import { isDecided, RATING } from './review-queue.ts';

export interface ReviewAct {
  /** As the queue names it. */
  readonly item: string;
  readonly action: 'accept' | 'refuse' | 'close';
  /** `Practitioner/…` */
  readonly by: string;
  readonly note: string;
}

/** Who says so, when and why. */
interface Who {
  readonly by: string;
  readonly at: string;
  readonly note: string;
}

export type Acted =
  | { readonly kind: 'done'; readonly changed: string; readonly patient: string | undefined }
  /** Somebody was first, or it is of no such kind. */
  | { readonly kind: 'not-found' | 'over' | 'not-possible' | 'busy' };

const isReview = (it: Task): boolean =>
  it.code?.coding?.some((one) => one.system === codeSystem('task') && one.code === 'review-response') ?? false;

/**
 * Ends a review with a reason, or says of a later rating of a visit whether it counts instead; what follows is computed
 * at once. The
 * thing is read with the person’s own token and written over the version that was read.
 */
export async function actOnReview(ports: FormsPorts, act: ReviewAct, now: Now): Promise<Acted> {
  const at = new Date(now.now()).toISOString();
  try {
    return act.item.startsWith(RATING) ? await accept(ports, act, at, now) : await end(ports, act, at);
  } catch (error) {
    if (error instanceof FhirError && error.kind === 'conflict') return { kind: 'busy' };
    throw error;
  }
}

async function end(ports: FormsPorts, { item, action, by, note }: ReviewAct, at: string): Promise<Acted> {
  const task = await ports.asPerson.read('Task', item);
  if (task === undefined || !isReview(task)) return { kind: 'not-found' };
  if (!isOpen(task)) return { kind: 'over' };
  const isResponse = task.focus?.reference?.startsWith('QuestionnaireResponse/') === true;
  if (action === 'accept' || (action === 'refuse' && !isResponse)) return { kind: 'not-possible' };
  const ended: Task = {
    ...task,
    status: action === 'refuse' ? 'rejected' : 'completed',
    statusReason: { text: note },
    owner: { reference: by },
    lastModified: at,
  };
  await write(ports, ended, `Task/${item}`, action, { by, at, note });
  return { kind: 'done', changed: `Task/${item}`, patient: literal(task.for, ports.context.settings.baseUrl) };
}

async function accept(ports: FormsPorts, { item, action, by, note }: ReviewAct, at: string, now: Now): Promise<Acted> {
  const id = item.slice(RATING.length);
  const response = await ports.asPerson.read('QuestionnaireResponse', id);
  if (response === undefined) return { kind: 'not-found' };
  if (action === 'refuse') return { kind: 'not-possible' };
  if (isDecided(response)) return { kind: 'over' };
  const who = { by, at, note };
  const decided = tagged(response, action === 'accept' ? 'accepted' : 'left');
  await write(ports, decided, `QuestionnaireResponse/${id}`, action, who);
  if (action === 'accept') {
    await computeNow(ports, [decided], now);
    await leaveReplaced(ports, decided, who);
  }
  const patient = literal(response.subject, ports.context.settings.baseUrl);
  return { kind: 'done', changed: `QuestionnaireResponse/${id}`, patient };
}

const tagged = (it: QuestionnaireResponse, code: 'accepted' | 'left'): QuestionnaireResponse => ({
  ...it,
  meta: { ...it.meta, tag: [...(it.meta?.tag ?? []), { system: RATING_USE, code }] },
});

/** The ratings of the same visit that no longer count are decided with it: nobody is asked about them again. */
async function leaveReplaced(ports: FormsPorts, accepted: QuestionnaireResponse, who: Who): Promise<void> {
  const { baseUrl } = ports.context.settings;
  const subject = literal(accepted.subject, baseUrl) ?? '';
  const [page] = await ask(ports.server, [
    {
      type: 'Observation',
      params: [
        ['subject', escaped(subject)],
        ['_count', '1000'],
      ],
    },
  ]);
  const ratings = resourcesOf(page, 'Observation');
  const from = (it: Observation) => literal(it.derivedFrom?.[0], baseUrl);
  const own = ratings.find((it) => from(it) === `QuestionnaireResponse/${accepted.id}`);
  if (own === undefined || isUncounted(own)) return;
  const others = ratings.filter((it) => isUncounted(it) && slotOf(it, baseUrl) === slotOf(own, baseUrl));
  for (const reference of new Set(others.flatMap((it) => from(it) ?? []))) {
    const other = await ports.asPerson.read('QuestionnaireResponse', idOf(reference));
    if (other !== undefined && !isDecided(other)) await write(ports, tagged(other, 'left'), reference, 'close', who);
  }
}

const isUncounted = (it: Observation): boolean =>
  it.meta?.tag?.some((tag) => tag.system === RATING_USE && tag.code === 'not-counted') ?? false;

/** What two ratings have in common of which one counts: measure, visit, and whose work is rated. */
const slotOf = (it: Observation, baseUrl: string): string =>
  [codeOf(it), visitOf(it), ...(it.focus ?? []).flatMap((one) => literal(one, baseUrl) ?? []).sort()].join('|');

async function write(
  { server }: FormsPorts,
  resource: FhirResource,
  target: string,
  action: ReviewAct['action'],
  who: Who,
): Promise<void> {
  const versionId = resource.meta?.versionId;
  const { clientIds } = await server.capabilities();
  const provenance = reviewProvenance(target, action, who);
  const { id: _id, ...unnamed } = provenance;
  await server.transaction([
    { method: 'PUT', resource, ...(versionId === undefined ? {} : { ifMatch: versionId }) },
    clientIds ? { method: 'PUT', resource: provenance } : { method: 'POST', resource: unnamed },
  ]);
}
