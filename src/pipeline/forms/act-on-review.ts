import type { FhirResource, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { RATING_USE } from '../../domain/derived-observation.ts';
import { literal } from '../../domain/reference.ts';
import { reviewProvenance } from '../../domain/review-provenance.ts';
import { isOpen } from '../../domain/review-task.ts';
import { FhirError } from '../../fhir/port.ts';
import { computeNow, type Now } from '../compute-now.ts';
import type { FormsPorts } from './forms-ports.ts';
import { RATING } from './review-queue.ts';

export interface ReviewAct {
  /** As the queue names it. */
  readonly item: string;
  readonly action: 'accept' | 'refuse' | 'close';
  /** `Practitioner/…` */
  readonly by: string;
  readonly note: string;
}

export type Acted =
  | { readonly kind: 'done'; readonly changed: string; readonly patient: string | undefined }
  /** Somebody was first, or it is of no such kind. */
  | { readonly kind: 'not-found' | 'over' | 'not-possible' | 'busy' };

const isReview = (it: Task): boolean =>
  it.code?.coding?.some((one) => one.system === codeSystem('task') && one.code === 'review-response') ?? false;

/**
 * Ends a review with a reason, or accepts a later rating as the one that counts; what follows is computed at once. The
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
  if (action !== 'accept') return { kind: 'not-possible' };
  const response = await ports.asPerson.read('QuestionnaireResponse', id);
  if (response === undefined) return { kind: 'not-found' };
  if (response.meta?.tag?.some((it) => it.system === RATING_USE && it.code === 'accepted') === true)
    return { kind: 'over' };
  const accepted: QuestionnaireResponse = {
    ...response,
    meta: { ...response.meta, tag: [...(response.meta?.tag ?? []), { system: RATING_USE, code: 'accepted' }] },
  };
  await write(ports, accepted, `QuestionnaireResponse/${id}`, action, { by, at, note });
  await computeNow(ports, [accepted], now);
  const patient = literal(response.subject, ports.context.settings.baseUrl);
  return { kind: 'done', changed: `QuestionnaireResponse/${id}`, patient };
}

async function write(
  { server }: FormsPorts,
  resource: FhirResource,
  target: string,
  action: ReviewAct['action'],
  who: { readonly by: string; readonly at: string; readonly note: string },
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
