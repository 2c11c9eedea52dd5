import { isDay } from '../../../domain/reschedule.ts';
import { type Rescheduled, rescheduleForm } from '../../../pipeline/schedule/reschedule-form.ts';
import { type Paused, pause, resume } from '../../../pipeline/steps/pause.ts';
import { type Refusal, refusal } from '../../refusal.ts';
import type { RouteParts } from '../../route-parts.ts';
import { optionalField } from '../json-body.ts';
import type { Change } from './change.ts';

/** A day of the calendar in a body. @throws Refusal 400 for anything else */
function day<N extends string>(body: unknown, name: N): string | undefined {
  const value = optionalField(body, name)[name];
  if (value === undefined || isDay(value)) return value;
  throw refusal(400, 'value', 'field-no-day', `${name} is a day such as 2026-11-23.`);
}

/** Pausing stepped care, going on with it, and moving one form to other days. */
export function restChanges({ ports, now }: Pick<RouteParts, 'ports' | 'now'>): Change[] {
  return [
    {
      path: '/api/patients/:id/pause',
      summary: 'Put stepped care on hold, with a reason; signs of danger are watched all the same',
      right: 'pause',
      writes: 'CarePlan',
      kind: 'u',
      act: async ({ practitioner: by }, patient, body) => {
        const { reason = '' } = optionalField(body, 'reason');
        const until = day(body, 'until');
        const asked = { patient, by, reason, ...(until === undefined ? {} : { until }) };
        return doneOf(await pause(ports, asked, now));
      },
    },
    {
      path: '/api/patients/:id/resume',
      summary: 'Go on with stepped care at the level at which it was paused',
      right: 'pause',
      writes: 'CarePlan',
      kind: 'u',
      act: async ({ practitioner: by }, patient, body) => {
        const { reason = '' } = optionalField(body, 'reason');
        return doneOf(await resume(ports, { patient, by, reason }, now));
      },
    },
    {
      path: '/api/patients/:id/tasks/:task/reschedule',
      summary: 'Move one form to other days, with a reason',
      right: 'reschedule',
      writes: 'Task',
      kind: 'u',
      act: async ({ practitioner: by }, patient, body, task) => {
        const [first, last] = [day(body, 'start'), day(body, 'end')];
        const reason = optionalField(body, 'reason').reason?.trim() ?? '';
        if (first === undefined || last === undefined || reason === '')
          throw refusal(422, 'required', 'reason-missing', 'The first and the last day are required, and a reason.');
        const done = await rescheduleForm(ports, { patient, task, by, days: { first, last }, reason }, now);
        if (done.kind !== 'rescheduled') throw notMoved(done);
        return { answer: done, wrote: done.task };
      },
    },
  ];
}

const busy = () =>
  refusal(503, 'transient', 'busy', 'The patient’s record is being written: try again.', { 'Retry-After': '2' });

const SAID: Readonly<Record<string, string>> = {
  'reason-missing': 'A reason is required.',
  'until-past': 'The day on which it goes on must be later than today.',
  'no-plan': 'The patient is not in stepped care.',
  'not-active': 'You no longer work here.',
  'not-in-your-care': 'The patient is not in your care.',
  'role-may-not-decide': 'The protocol does not let your role decide this.',
};

function doneOf(paused: Paused): { readonly answer: object; readonly wrote: string } {
  switch (paused.kind) {
    case 'done':
      return { answer: paused, wrote: paused.plan };
    case 'not-allowed':
      throw refusal(422, 'business-rule', paused.reason, SAID[paused.reason] ?? paused.reason);
    case 'not-found':
      throw refusal(404, 'not-found', 'not-found', 'There is no such patient here.');
    case 'busy':
      throw busy();
    case 'rejected':
      throw refusal(502, 'processing', 'rejected', 'The hospital’s FHIR server did not take it.');
  }
}

function notMoved(why: Exclude<Rescheduled, { kind: 'rescheduled' }>): Refusal {
  switch (why.kind) {
    case 'out-of-bounds':
      return refusal(
        422,
        'business-rule',
        'out-of-bounds',
        `This form can be moved between ${why.bounds.first} and ${why.bounds.last}: an answer on any other day would not count.`,
      );
    case 'past':
      return refusal(422, 'business-rule', 'past', 'The last day must not be past.');
    case 'closed':
      return refusal(409, 'conflict', 'closed', 'It is answered, or nobody is asked for it any more.');
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'There is no such form of this patient.');
    case 'busy':
      return busy();
  }
}
