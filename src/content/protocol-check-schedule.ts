import type { VisitPlan } from '../domain/programme.ts';
import type { ScheduledForm } from '../domain/protocol.ts';
import { type Place, refuse, within } from './protocol-place.ts';
import type { PlacedForm, PlacedSchedule } from './protocol-schedule.ts';

/** Windows that overlap, reminders outside them, forms asked twice, arms with two schedules. */
export function checkSchedules(schedules: readonly PlacedSchedule[], visits: VisitPlan): void {
  schedules.forEach(({ schedule, forms, place }, index) => {
    // Without an arm, what everybody in care is asked stands beside what therapists are asked about the platform.
    const twin = schedules
      .slice(0, index)
      .find(
        (it) =>
          it.schedule.arm === schedule.arm && (schedule.arm !== undefined || it.schedule.levels === schedule.levels),
      );
    if (twin !== undefined)
      refuse(within(place, 'useContext'), 'duplicate-arm', `${twin.schedule.canonical} is for the same arm.`);
    for (const it of forms) checkForm(it, visits);
    forms.forEach((later, at) => {
      for (const earlier of forms.slice(0, at)) checkNeighbours(earlier.form, later, visits);
    });
  });
}

function checkForm({ form, place }: PlacedForm, visits: VisitPlan): void {
  const { timing, instrument } = form;
  if (timing.kind === 'interval' && timing.windowDays > timing.everyDays)
    refuse(
      within(place, 'timingTiming'),
      'windows-overlap',
      `${form.id} stays open for ${timing.windowDays} days and is due again after ${timing.everyDays}.`,
    );
  const visit = timing.kind === 'visit' ? visits.windows.find((it) => it.visit === timing.visit) : undefined;
  if (visit?.except.includes(instrument))
    refuse(place, 'visit-without-form', `${instrument} is never of the visit ${visit.visit}.`);
  const open = openDays(form, visits);
  for (const it of form.remindAfterDays.filter((day) => day >= open))
    refuse(
      within(place, 'extension(scheduled-form).remind-after-days'),
      'reminder-outside-window',
      `The window of ${form.id} is open for ${open} days; a reminder after ${it} comes too late.`,
    );
}

function openDays({ timing }: ScheduledForm, visits: VisitPlan): number {
  if (timing.kind !== 'visit') return timing.windowDays;
  const window = visits.windows.find((it) => it.visit === timing.visit);
  return window === undefined ? Number.POSITIVE_INFINITY : window.early + window.late;
}

/** The same form of the same rater twice: an answer would belong to both. */
function checkNeighbours(earlier: ScheduledForm, { form, place }: PlacedForm, visits: VisitPlan): void {
  if (form.id === earlier.id) refuse(within(place, 'id'), 'duplicate-form', `${form.id} stands twice.`);
  if (form.instrument !== earlier.instrument || form.rater !== earlier.rater) return;
  const [a, b] = [earlier.timing, form.timing];
  // What an answer calls for gives way, at the time, to what is asked on that day anyway.
  if ((a.kind === 'answer') !== (b.kind === 'answer')) return;
  const apart = a.kind === 'visit' && b.kind === 'visit' && a.visit !== b.visit && visits.windows.length > 0;
  if (!apart)
    refuse(place, 'windows-overlap', `${earlier.id} and ${form.id} ask for ${form.instrument} at overlapping times.`);
}

/** What screens everybody is asked, and is not overdue before it is due. */
export function checkScreening(
  screening: { readonly measure: string; readonly overdueAfterDays: number },
  asked: readonly string[] | undefined,
  elsewhere: ReadonlySet<string>,
  schedules: readonly PlacedSchedule[],
  place: Place,
): void {
  const { measure, overdueAfterDays } = screening;
  if (asked === undefined) {
    refuse(within(place, 'screening-measure'), 'unknown-measure', `Nothing produces ${measure}.`);
    return;
  }
  if (elsewhere.has(measure)) return;
  for (const { schedule, place: at } of schedules.filter((it) => it.schedule.levels !== false)) {
    const own = schedule.forms.filter((it) => asked.includes(it.instrument) && it.timing.kind !== 'answer');
    if (own.length === 0)
      refuse(
        at,
        'never-asked',
        `It is for patients with levels of care and does not ask for the screening, ${measure}.`,
      );
    for (const { timing } of own)
      if (timing.kind === 'interval' && overdueAfterDays < timing.everyDays)
        refuse(
          within(place, 'overdue-after-days'),
          'overdue-before-due',
          `Overdue after ${overdueAfterDays} days, asked every ${timing.everyDays}: everybody would be.`,
        );
  }
}
