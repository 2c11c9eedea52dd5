import { codeSystem } from '../canonicals.ts';
import type { Instrument } from '../instrument.ts';
import type { Words } from '../protocol.ts';
import type { MeasureView, ToolView } from '../view/patient-view.ts';
import { withoutAbsent } from './alliance-page.ts';
import { dateOf, isUnconfirmed, type PageInput, partOf, responseOf, standing, visitOf } from './page-input.ts';

const MEASURES = codeSystem('measure');

/** The screeners that were answered or that a rule reads, each over time with the protocol’s cut-offs. */
export function distressOf(input: PageInput): readonly MeasureView[] {
  const { instruments, protocol } = input.look;
  const read = new Set(protocol.rules.flatMap((it) => it.when.map((one) => one.measure)));
  return instruments
    .filter((it) => it.use === 'series' && it.rater === 'patient')
    .flatMap((it) => measureView(it, read.has(it.id), input));
}

function measureView(it: Instrument, isRead: boolean, input: PageInput): MeasureView[] {
  const total = it.keys.find((key) => key.measure === 'total');
  const readings = standing(input, it.id).flatMap((one) => {
    const value = one.valueQuantity?.value;
    if (value === undefined) return [];
    const optional = {
      responseId: responseOf(one, input.look.settings.baseUrl),
      answered: partOf(one, 'answered')?.valueInteger,
      keyUnconfirmed: isUnconfirmed(one) ? true : undefined,
    };
    return [{ date: dateOf(one, input), value, ...withoutAbsent(optional) }];
  });
  if (total === undefined || (readings.length === 0 && !isRead)) return [];
  const { screening } = input.overview;
  return [
    {
      measure: it.id,
      title: input.say(MEASURES, it.id),
      low: total.low,
      high: total.high,
      readings,
      limits: limitsOf(it.id, input),
      ...(screening?.measure === it.id ? { overdue: { days: screening.days } } : {}),
    },
  ];
}

/** Each cut-off that a rule compares the total with, and the level that it leads to. */
function limitsOf(measure: string, { look }: PageInput): MeasureView['limits'] {
  const { rules, levels } = look.protocol;
  const limits = rules.flatMap((rule) =>
    rule.when
      .filter((it) => it.measure === measure && it.component === undefined)
      .map((it) => ({ value: it.value, comparator: it.comparator, title: titleOf(rule.to, levels) })),
  );
  return [...new Map(limits.map((it) => [`${it.comparator}${it.value}${it.title.en}`, it])).values()];
}

const titleOf = (code: string, levels: readonly { readonly code: string; readonly title: Words }[]): Words =>
  levels.find((it) => it.code === code)?.title ?? { en: code, es: code, ca: code };

/** Usability and satisfaction, each rating with its visit; what was never asked is not there. */
export function toolsOf(input: PageInput): readonly ToolView[] {
  return input.look.instruments
    .filter((it) => it.use === 'study' && !it.alliance && it.rater === 'patient')
    .flatMap((it): ToolView[] => {
      const total = it.keys.find((key) => key.measure === 'total');
      if (total === undefined) return [];
      return standing(input, it.id).map((one): ToolView => {
        const value = one.valueQuantity?.value;
        const visit = visitOf(one);
        const responseId = responseOf(one, input.look.settings.baseUrl);
        const date = dateOf(one, input);
        return {
          measure: it.id,
          title: input.say(MEASURES, it.id),
          low: total.low,
          high: total.high,
          ...(visit === undefined ? {} : { visit: input.say(codeSystem('visit'), visit) }),
          score:
            value === undefined
              ? { state: 'missing', why: 'no-score', asked: date }
              : { state: 'shown', value, date, ...(responseId === undefined ? {} : { responseId }) },
        };
      });
    });
}
