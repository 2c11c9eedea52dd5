import type { ContactMonthView, PatientView, ToolView } from '../../../domain/view/patient-view.ts';
import { Figure } from '../charts/figure.tsx';
import { MonthBars } from '../charts/month-bars.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { DataTable } from '../shell/table.tsx';
import { AnswersLink } from './answers-link.tsx';
import { Absence } from './shown.tsx';

const KINDS = ['message', 'call', 'video', 'inPerson'] as const;

/** How much the two spoke, by month and kind; and how the patient finds the tools. */
export function ContactSection({ view }: { readonly view: PatientView }) {
  const { words, format } = useReader();
  const { contacts } = view;
  return (
    <section className={page.section} aria-labelledby="contact">
      <h2 id="contact" tabIndex={-1}>
        {words.patient.contact}
      </h2>
      {contacts.state === 'shown' ? (
        <Figure
          title={words.contact.figure}
          hasMarks={false}
          note={contacts.last === undefined ? undefined : words.contact.last(format.date(contacts.last))}
          table={<Months months={contacts.months} />}
        >
          {() => (
            <MonthBars
              title={words.contact.figure}
              months={contacts.months.map((it) => it.month)}
              rows={KINDS.map((kind) => ({
                key: kind,
                label: words.contact.kinds[kind],
                counts: contacts.months.map((it) => it[kind]),
              }))}
            />
          )}
        </Figure>
      ) : (
        <p className="quiet">{contacts.state === 'missing' ? words.contact.unknown : <Absence absent={contacts} />}</p>
      )}
      <Tools tools={view.tools} patient={view.banner.id} />
    </section>
  );
}

function Months({ months }: { readonly months: readonly ContactMonthView[] }) {
  const { words, format } = useReader();
  return (
    <DataTable
      caption={words.contact.figure}
      rows={months.toReversed()}
      keyOf={(it) => it.month}
      columns={[
        { key: 'month', head: words.contact.month, cell: (it) => format.month(it.month) },
        ...KINDS.map((kind) => ({
          key: kind,
          head: words.contact.kinds[kind],
          isNumber: true,
          cell: (it: ContactMonthView) => format.number(it[kind]),
        })),
      ]}
    />
  );
}

function Tools({ tools, patient }: { readonly tools: readonly ToolView[]; readonly patient: string }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <>
      <h3 className={page.section}>{words.contact.tools}</h3>
      <DataTable
        caption={words.contact.tools}
        empty={words.contact.noTools}
        rows={tools}
        keyOf={(it) => `${it.measure}${it.visit?.en ?? ''}${it.score.state === 'shown' ? it.score.date : ''}`}
        columns={[
          { key: 'what', head: words.patient.what, cell: (it) => say(it.title) },
          { key: 'visit', head: words.contact.visit, cell: (it) => (it.visit === undefined ? '–' : say(it.visit)) },
          {
            key: 'score',
            head: words.contact.score,
            cell: ({ score, high }) =>
              score.state === 'shown' ? (
                words.common.of(format.number(score.value), format.number(high))
              ) : (
                <Absence absent={score} />
              ),
          },
          {
            key: 'date',
            head: words.common.date,
            cell: ({ score }) => (score.state === 'shown' ? format.date(score.date) : '–'),
          },
          {
            key: 'answers',
            head: words.patient.answers,
            cell: ({ score }) => (
              <AnswersLink patient={patient} response={score.state === 'shown' ? score.responseId : undefined} />
            ),
          },
        ]}
      />
    </>
  );
}
