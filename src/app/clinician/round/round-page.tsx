import type { DueForm, FormsView } from '../../../domain/view/form-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { Link } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { RoundForm } from './round-form.tsx';

/** All forms that are due from the person who is signed in, in one sitting. */
export default function RoundPage({ task }: { readonly task: string | undefined }) {
  const { words } = useReader();
  const reading = useRead<FormsView>('/api/forms');
  const forms = reading.data?.forms ?? [];
  if (task !== undefined) {
    const about = forms.find((it) => it.taskId === task)?.about;
    return <RoundForm key={task} task={task} about={about} next={nextOf(forms, task)} />;
  }
  return (
    <Loaded title={words.round.title} lead={words.round.lead} reading={reading}>
      {({ forms }) => <Forms forms={forms} />}
    </Loaded>
  );
}

/** Whom the form is about, with what tells two people of one name apart. */
function About({ form: { about } }: { readonly form: DueForm }) {
  const { words } = useReader();
  if (about === undefined) return '–';
  return (
    <>
      {about.name}
      {about.recordNumber === undefined ? null : (
        <>
          <br />
          <span className="quiet">{words.worklist.record(about.recordNumber)}</span>
        </>
      )}
    </>
  );
}

/** The form that comes after this one; after the last, the first that is another. */
function nextOf(forms: readonly DueForm[], task: string): string | undefined {
  const at = forms.findIndex((it) => it.taskId === task);
  return [...forms.slice(at + 1), ...forms.slice(0, Math.max(0, at))].find((it) => it.taskId !== task)?.taskId;
}

function Forms({ forms }: { readonly forms: readonly DueForm[] }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <DataTable
      caption={words.round.title}
      empty={words.round.empty}
      rows={forms}
      keyOf={(it) => it.taskId}
      columns={[
        { key: 'about', head: words.round.about, cell: (it) => <About form={it} /> },
        {
          key: 'form',
          head: words.round.form,
          cell: (it) => (
            <Link place={{ page: 'round', task: it.taskId }}>
              {say(it.title)}
              {it.about === undefined ? null : <span className="visually-hidden">: {it.about.name}</span>}
            </Link>
          ),
        },
        { key: 'minutes', head: words.round.time, cell: (it) => words.round.minutes(format.number(it.minutes)) },
        {
          key: 'state',
          head: words.round.state,
          cell: (it) =>
            it.answered === 0
              ? words.round.notBegun
              : words.round.begun(format.number(it.answered), format.number(it.questions)),
        },
        {
          key: 'until',
          head: words.round.until,
          cell: (it) => (
            <>
              {it.until === undefined ? '–' : format.date(it.until)}{' '}
              {it.isOverdue ? <Chip tone="warn">{words.round.overdue}</Chip> : null}
            </>
          ),
        },
      ]}
    />
  );
}
