import type { PaperListView } from '../../../domain/view/paper-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { Link, usePlace } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { ChoosePatient } from './choose-patient.tsx';
import { PaperEntry } from './paper-entry.tsx';

const TONE = { first: 'plain', second: 'accent', differs: 'warn' } as const;

/** Forms that were filled in on paper, to be typed in by two people: whose, which, and how far they have come. */
export default function PaperPage({ task }: { readonly task: string | undefined }) {
  const { words } = useReader();
  const { query } = usePlace();
  const patient = query.get('patient') ?? '';
  if (patient === '')
    return <ChoosePatient title={words.paper.title} lead={words.paper.lead} place={{ page: 'paper' }} />;
  if (task !== undefined) return <PaperEntry key={task} task={task} patient={patient} />;
  return <Forms key={patient} patient={patient} />;
}

function Forms({ patient }: { readonly patient: string }) {
  const { words } = useReader();
  const reading = useRead<PaperListView>(`/api/paper?patient=${encodeURIComponent(patient)}`);
  return (
    <Loaded
      title={words.paper.title}
      lead={words.paper.lead}
      reading={reading}
      above={
        <p>
          <Link place={{ page: 'paper' }}>{words.paper.choose}</Link>
        </p>
      }
    >
      {(view) => <FormTable view={view} />}
    </Loaded>
  );
}

function FormTable({ view: { patient, forms } }: { readonly view: PaperListView }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <>
      <h2>{patient.name ?? patient.id}</h2>
      <DataTable
        caption={words.paper.title}
        empty={words.paper.empty}
        rows={forms}
        keyOf={(it) => it.taskId}
        columns={[
          { key: 'form', head: words.paper.form, cell: (it) => say(it.title) },
          {
            key: 'until',
            head: words.round.until,
            cell: (it) => (it.until === undefined ? '–' : format.date(it.until)),
          },
          {
            key: 'state',
            head: words.round.state,
            cell: ({ paper }) => <Chip tone={TONE[paper.state]}>{words.paper.states[paper.state]}</Chip>,
          },
          {
            key: 'do',
            head: words.review.do,
            cell: ({ taskId, title, paper }) =>
              paper.state === 'second' && !paper.mayEnter ? (
                <span className="quiet">{words.paper.own}</span>
              ) : (
                <Link place={{ page: 'paper', task: taskId }} query={{ patient: patient.id }}>
                  {paper.state === 'differs' ? words.paper.resolve : words.paper.open}
                  <span className="visually-hidden">: {say(title)}</span>
                </Link>
              ),
          },
        ]}
      />
    </>
  );
}
