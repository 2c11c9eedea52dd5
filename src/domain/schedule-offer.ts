import type { Schedule, ScheduledForm } from './protocol.ts';
import { INSTEAD, offeredInstead } from './safety-offer.ts';

/** What may be asked here, and what is asked in place of what may not. */
export interface Offer {
  readonly schedules: readonly Schedule[];
  /** The instrument (id) that is put before the rater for a scheduled form. */
  readonly asked: (form: ScheduledForm) => string;
}

/** True where the other form asks the same rater for `INSTEAD` anyway, at that visit or all the time. */
const asksInstead = (form: ScheduledForm, other: ScheduledForm): boolean =>
  other.instrument === INSTEAD &&
  other.rater === form.rater &&
  (other.timing.kind === 'interval' ||
    (form.timing.kind === 'visit' && other.timing.kind === 'visit' && form.timing.visit === other.timing.visit));

/**
 * The schedules as they can be kept here. Where an instrument with a safety item may not be offered, another is asked at
 * the same occasion, unless the schedule asks for that one then anyway.
 */
export function offerOf(schedules: readonly Schedule[], withSafetyItem: readonly string[], offered: boolean): Offer {
  const asked = (form: ScheduledForm): string => offeredInstead(form.instrument, withSafetyItem, offered);
  return {
    asked,
    schedules: schedules.map((schedule) => ({
      ...schedule,
      forms: schedule.forms.filter(
        (form) =>
          asked(form) === form.instrument ||
          // The short form in its place would only ask again what was just answered.
          (form.timing.kind !== 'answer' && !schedule.forms.some((other) => asksInstead(form, other))),
      ),
    })),
  };
}
