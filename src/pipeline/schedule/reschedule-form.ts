import { type Occasion, occasionsOf } from '../../domain/occasion.ts';
import { isExpired, isQuestionnaireTask, occasionIdOf, settledTask } from '../../domain/questionnaire-task.ts';
import { boundsOf, type Days, movedOccasion, rescheduleProvenance, withDays } from '../../domain/reschedule.ts';
import { isOpen } from '../../domain/review-task.ts';
import { FhirError } from '../../fhir/port.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { waitedFor } from '../compute-held.ts';
import { FormLibrary } from '../form-library.ts';
import type { Doing } from '../steps/held-person.ts';
import { loadScheduled } from './load-scheduled.ts';
import type { PersonStanding } from './plan-person.ts';
import { scheduledPerson } from './scheduled-person.ts';
import { situationOf } from './situation.ts';

/** What a person asks for. */
export interface RescheduleRequest {
  /** `Patient/…` */
  readonly patient: string;
  /** Id of the Task on the server. */
  readonly task: string;
  /** `Practitioner/…` */
  readonly by: string;
  readonly days: Days;
  readonly reason: string;
}

export type Rescheduled =
  | { readonly kind: 'rescheduled'; readonly task: string; readonly days: Days }
  /** The protocol lets the form be moved between these days. */
  | { readonly kind: 'out-of-bounds'; readonly bounds: Days }
  /** Answered, or nobody is asked for it any more. */
  | { readonly kind: 'closed' }
  /** All of the days are past. */
  | { readonly kind: 'past' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'busy' };

const ATTEMPTS = 4;

/**
 * Moves one form to other days: its Task keeps its identity, so that nobody is asked twice, and says who moved it and
 * why. A form whose window has passed is asked again. @throws FhirError where the server is not reached
 */
export async function rescheduleForm(
  ports: AlliancePorts,
  request: RescheduleRequest,
  doing: Doing,
): Promise<Rescheduled> {
  const lease = await waitedFor(request.patient, { ...doing, state: ports.state });
  if (lease === undefined) return { kind: 'busy' };
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const result = await tryOnce(ports, request, doing.now());
      if (result !== undefined) return result;
    }
    return { kind: 'busy' };
  } finally {
    await lease.release();
  }
}

/** `undefined` where somebody else wrote the Task meanwhile. */
async function tryOnce(
  ports: AlliancePorts,
  request: RescheduleRequest,
  nowMs: number,
): Promise<Rescheduled | undefined> {
  const { server, context } = ports;
  const standing = (await loadScheduled(server, [request.patient], context)).find((it) =>
    it.record.aliases.includes(request.patient),
  );
  const task = standing?.tasks.find((it) => it.id === request.task && isQuestionnaireTask(it));
  if (standing === undefined || task === undefined) return { kind: 'not-found' };
  if (!isOpen(task) && !isExpired(task)) return { kind: 'closed' };
  const occasion = (await occasionsNow(ports, standing, nowMs)).find((it) => it.id === occasionIdOf(task));
  if (occasion === undefined) return { kind: 'closed' };
  const bounds = boundsOf(occasion);
  const { days, by, reason } = request;
  if (days.first < bounds.first || days.last > bounds.last || days.first > days.last)
    return { kind: 'out-of-bounds', bounds };
  const now = new Date(nowMs).toISOString();
  const asked = withDays(task, days, by, now, reason);
  const moved = movedOccasion(occasion, asked, context.settings.timeZone);
  if (moved.at.closesMs <= nowMs) return { kind: 'past' };
  const questionnaire = task.input?.find((it) => it.valueCanonical !== undefined)?.valueCanonical ?? '';
  const after = settledTask(asked, moved, situationOf(moved, undefined, nowMs), {
    questionnaire,
    now,
    baseUrl: context.settings.baseUrl,
    display: context.display,
    answers: () => true,
  });
  const ifMatch = task.meta?.versionId;
  const target = { reference: `Task/${task.id}` };
  try {
    await server.transaction([
      { method: 'PUT', resource: after, ...(ifMatch === undefined ? {} : { ifMatch }) },
      { method: 'POST', resource: rescheduleProvenance(target, by, now, reason) },
    ]);
  } catch (error) {
    if (error instanceof FhirError && error.kind === 'conflict') return undefined;
    throw error;
  }
  return { kind: 'rescheduled', task: target.reference, days };
}

async function occasionsNow(
  { server, context }: AlliancePorts,
  { record, responses }: PersonStanding,
  nowMs: number,
): Promise<readonly Occasion[]> {
  const { content, settings } = context;
  const forms = new FormLibrary(server, content);
  await forms.learn(responses);
  return occasionsOf(content.protocol.schedules, {
    person: scheduledPerson(record, responses, forms.resolve, context, nowMs),
    visits: content.visits,
    instruments: new Map(content.instruments.map((it) => [it.id, it])),
    nowMs,
    zone: settings.timeZone,
  }).occasions;
}
