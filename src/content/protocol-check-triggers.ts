import type { Instrument } from '../domain/instrument.ts';
import { checkComparison } from './protocol-check.ts';
import { refuse } from './protocol-place.ts';
import { producedBy } from './protocol-range.ts';
import type { PlacedForm, PlacedSchedule } from './protocol-schedule.ts';

interface Setting {
  readonly schedules: readonly PlacedSchedule[];
  readonly instruments: readonly Instrument[];
  readonly askedElsewhere: ReadonlySet<string>;
}

/** Forms that answers call for: the answers must be asked of the same people, must not be blinded, and must not go round. */
export function checkTriggers(setting: Setting): void {
  const { schedules, instruments } = setting;
  const triggered = schedules.flatMap((it) => it.forms.map((form) => ({ ...form, schedule: it.schedule })));
  for (const it of triggered) {
    // In an arm people are asked what their arm asks, and what everybody in care is.
    const beside = schedules.filter(({ schedule }) => schedule === it.schedule || schedule.arm === undefined);
    const forms = beside.flatMap(({ schedule }) => schedule.forms);
    for (const { comparison, place } of it.comparisons) {
      checkComparison(comparison, place, setting, forms);
      if (asksOf(comparison, instruments).some((id) => instruments.find((one) => one.id === id)?.alliance))
        refuse(
          place,
          'blinded-trigger',
          `${comparison.measure} is kept from the other side: a form that it calls for would give it away.`,
        );
    }
  }
  for (const it of triggered)
    if (leadsTo(it, triggered, instruments).has(it.form.instrument))
      refuse(
        it.place,
        'triggers-in-a-circle',
        `Answers to ${it.form.instrument} call for ${it.form.instrument} again.`,
      );
}

const asksOf = (it: Parameters<typeof producedBy>[0], instruments: readonly Instrument[]): readonly string[] =>
  producedBy(it, instruments)?.asked ?? [];

/** Instruments that an answer to this form calls for, one after the other; of a form that is not called for, none. */
function leadsTo(form: PlacedForm, all: readonly PlacedForm[], instruments: readonly Instrument[]): Set<string> {
  const reached = new Set<string>();
  if (form.comparisons.length === 0) return reached;
  let next: readonly string[] = [form.form.instrument];
  while (next.length > 0) {
    const called = all.filter((it) =>
      it.comparisons.some(({ comparison }) => asksOf(comparison, instruments).some((id) => next.includes(id))),
    );
    next = [...new Set(called.map((it) => it.form.instrument))].filter((it) => !reached.has(it));
    for (const it of next) reached.add(it);
  }
  return reached;
}
