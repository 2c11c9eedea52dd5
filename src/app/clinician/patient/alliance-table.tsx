import type { AllianceScore, AllianceView, AllianceVisitView, Shown } from '../../../domain/view/patient-view.ts';
import type { Rater } from '../charts/alliance-geometry.ts';
import { useReader, useSay } from '../reader.ts';
import { type Column, DataTable } from '../shell/table.tsx';
import { changeOf } from './alliance-words.ts';
import { Absence } from './shown.tsx';

interface Row {
  readonly visit: AllianceVisitView;
  readonly rater: Rater;
  readonly score: Shown<AllianceScore>;
}

/** All that is known of each rating, a row for each. */
export function AllianceTable({ alliance }: { readonly alliance: AllianceView }) {
  const { words } = useReader();
  const rows = alliance.visits.flatMap((visit): Row[] => [
    { visit, rater: 'patient', score: visit.patient },
    { visit, rater: 'therapist', score: visit.therapist },
  ]);
  const columns = useColumns(alliance);
  return (
    <DataTable
      caption={words.alliance.figure}
      columns={columns}
      rows={rows}
      keyOf={(it) => `${it.visit.visit}-${it.rater}`}
    />
  );
}

function useColumns(alliance: AllianceView): Column<Row>[] {
  const { words, format } = useReader();
  const say = useSay();
  const head = words.alliance.columns;
  const number = (value: number | undefined) => (value === undefined ? '–' : format.number(value));
  const scored = (of: (score: AllianceScore) => string) => (row: Row) =>
    row.score.state === 'shown' ? of(row.score) : '–';
  const subscales: Column<Row>[] = (['task', 'bond', 'goal'] as const).map((it) => ({
    key: it,
    head: words.alliance[it],
    isNumber: true,
    cell: scored((score) => number(score[it])),
  }));
  const notesOf = (score: AllianceScore): string =>
    [
      score.prorated === true ? words.alliance.prorated : '',
      score.uniformAnswers === true ? words.alliance.uniform : '',
    ]
      .filter((it) => it !== '')
      .map((it) => `, ${it}`)
      .join('');
  const gapOf = ({ rater, visit }: Row) =>
    rater === 'patient' && visit.gap !== undefined ? format.signed(visit.gap.value) : '–';
  return [
    { key: 'visit', head: head.visit, cell: (row) => say(row.visit.title) },
    { key: 'rater', head: head.rater, cell: (row) => words.patient.rater[row.rater] },
    {
      key: 'total',
      head: head.total,
      cell: ({ score }) =>
        score.state === 'shown' ? (
          <strong>{words.common.of(number(score.total), number(alliance.high))}</strong>
        ) : (
          <Absence absent={score} />
        ),
    },
    {
      key: 'error',
      head: head.error,
      isNumber: true,
      cell: scored((it) => (it.error === undefined ? '–' : `±${number(it.error)}`)),
    },
    ...subscales,
    {
      key: 'change',
      head: head.change,
      cell: scored((it) => (it.change === undefined ? '–' : changeOf(it.change, words, format))),
    },
    {
      key: 'answered',
      head: head.answered,
      cell: scored((it) =>
        it.answered === undefined
          ? '–'
          : `${words.common.of(number(it.answered), number(alliance.items))}${notesOf(it)}`,
      ),
    },
    { key: 'date', head: head.date, cell: scored((it) => format.date(it.date)) },
    { key: 'gap', head: words.alliance.gapColumn, isNumber: true, cell: gapOf },
  ];
}
