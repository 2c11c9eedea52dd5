import type { PaperForm, PaperView } from '../../../domain/view/paper-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { Link } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { PaperEntry } from './paper-entry.tsx';

const TONE = { none: 'plain', first: 'accent', differs: 'warn' } as const;

/** Forms that were filled in on paper, to be typed in by two people. */
export default function PaperPage({ task }: { readonly task: string | undefined }) {
  const { words } = useReader();
  const reading = useRead<PaperView>('/api/paper', { enabled: task === undefined });
  if (task !== undefined) return <PaperEntry key={task} task={task} />;
  return (
    <Loaded title={words.paper.title} lead={words.paper.lead} reading={reading}>
      {({ forms }) => <Forms forms={forms} />}
    </Loaded>
  );
}

function Forms({ forms }: { readonly forms: readonly PaperForm[] }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <DataTable
      caption={words.paper.title}
      empty={words.paper.empty}
      rows={forms}
      keyOf={(it) => it.taskId}
      columns={[
        {
          key: 'patient',
          head: words.paper.patient,
          cell: ({ patient }) => (
            <>
              {patient.name}
              {patient.recordNumber === undefined ? '' : ` · ${words.worklist.record(patient.recordNumber)}`}
            </>
          ),
        },
        { key: 'form', head: words.paper.form, cell: (it) => say(it.title) },
        { key: 'rater', head: words.patient.by, cell: (it) => words.patient.rater[it.rater] },
        {
          key: 'until',
          head: words.round.until,
          cell: (it) => (it.until === undefined ? '–' : format.date(it.until)),
        },
        {
          key: 'state',
          head: words.round.state,
          cell: (it) => <Chip tone={TONE[it.state]}>{words.paper.states[it.state]}</Chip>,
        },
        {
          key: 'do',
          head: words.review.do,
          cell: (it) =>
            it.mayEnter ? (
              <Link place={{ page: 'paper', task: it.taskId }}>
                {words.paper.open}
                <span className="visually-hidden">
                  : {it.patient.name}, {say(it.title)}
                </span>
              </Link>
            ) : (
              <span className="quiet">{words.paper.own}</span>
            ),
        },
      ]}
    />
  );
}
