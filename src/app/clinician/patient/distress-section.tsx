import type { MeasureView } from '../../../domain/view/patient-view.ts';
import { Figure } from '../charts/figure.tsx';
import { timeOf } from '../charts/scale.ts';
import { StepChart } from '../charts/step-chart.tsx';
import type { StepReading } from '../charts/step-geometry.ts';
import type { TimeFrame } from '../charts/time-frame.ts';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { AnswersLink } from './answers-link.tsx';

export interface DistressSectionProps {
  readonly measures: readonly MeasureView[];
  readonly patient: string;
  readonly frame: TimeFrame;
}

/** Screening scores as steps over time, one panel for each questionnaire, on the axis of the levels. */
export function DistressSection({ measures, patient, frame }: DistressSectionProps) {
  const { words } = useReader();
  const say = useSay();
  // What rules read comes first.
  const asked = measures
    .filter((it) => it.readings.length > 0)
    .toSorted((a, b) => Math.sign(b.limits.length) - Math.sign(a.limits.length));
  const overdue = measures.filter((it) => it.overdue !== undefined);
  return (
    <section className={page.section} aria-labelledby="distress">
      <h2 id="distress" tabIndex={-1}>
        {words.patient.distress}
      </h2>
      {overdue.map((it) => (
        <p key={it.measure}>
          <Chip tone="warn">{`${say(it.title)}: ${words.distress.overdue(it.overdue?.days ?? 0)}`}</Chip>
        </p>
      ))}
      {asked.length === 0 ? (
        <p className="quiet">{words.distress.none}</p>
      ) : (
        <Figure
          title={words.distress.figure}
          note={`${words.distress.marks} ${words.distress.stale}`}
          table={<Readings measures={asked} patient={patient} />}
        >
          {(read) =>
            asked.map((it) => <Panel key={it.measure} measure={it} patient={patient} frame={frame} read={read} />)
          }
        </Figure>
      )}
    </section>
  );
}

interface PanelProps {
  readonly measure: MeasureView;
  readonly patient: string;
  readonly frame: TimeFrame;
  read(text: string | undefined): void;
}

function Panel({ measure, patient, frame, read }: PanelProps) {
  const { words, format } = useReader();
  const say = useSay();
  const title = say(measure.title);
  const { low, high, validDays } = measure;
  const readings = measure.readings.map(
    (it): StepReading => ({
      key: `${it.date}${it.responseId ?? ''}`,
      at: timeOf(it.date),
      value: it.value,
      label: words.distress.reading(
        title,
        words.common.of(format.number(it.value), format.number(high)),
        format.date(it.date),
      ),
      ...(it.responseId === undefined
        ? {}
        : { place: { page: 'response', patient, response: it.responseId } as const }),
    }),
  );
  return (
    <StepChart
      title={words.distress.range(title, format.number(low), format.number(high))}
      readings={readings}
      range={[low, high]}
      limits={measure.limits.map((it) => ({
        value: it.value,
        ...limitOf(it, say(it.title), format.number(it.value)),
      }))}
      {...(validDays === undefined ? {} : { validDays })}
      frame={frame}
      read={read}
    />
  );
}

/** "▲ ≥ 6 Peer support": in which direction a rule looks, from where, and what it proposes. */
function limitOf({ comparator }: MeasureView['limits'][number], title: string, value: string) {
  const short = `${comparator.replace('>=', '≥').replace('<=', '≤')} ${value}`;
  return { short, label: `${comparator.startsWith('>') ? '▲' : '▼'} ${short} ${title}` };
}

function Readings({ measures, patient }: { readonly measures: readonly MeasureView[]; readonly patient: string }) {
  const { words, format } = useReader();
  const say = useSay();
  const rows = measures
    .flatMap((measure) => measure.readings.map((reading) => ({ measure, reading })))
    .sort((a, b) => timeOf(b.reading.date) - timeOf(a.reading.date));
  return (
    <DataTable
      caption={words.distress.figure}
      rows={rows}
      keyOf={({ measure, reading }) => `${measure.measure}${reading.date}${reading.responseId ?? ''}`}
      columns={[
        { key: 'date', head: words.common.date, cell: ({ reading }) => format.date(reading.date) },
        { key: 'measure', head: words.distress.measure, cell: ({ measure }) => say(measure.title) },
        {
          key: 'value',
          head: words.patient.value,
          cell: ({ measure, reading }) => words.common.of(format.number(reading.value), format.number(measure.high)),
        },
        {
          key: 'answers',
          head: words.patient.answers,
          cell: ({ reading }) => <AnswersLink patient={patient} response={reading.responseId} />,
        },
      ]}
    />
  );
}
