import type { AllianceScore, AllianceView, AllianceVisitView, Shown } from '../../../domain/view/patient-view.ts';
import type { Rater } from '../charts/alliance-geometry.ts';
import { Link } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import { DataTable } from '../shell/table.tsx';
import styles from './alliance-summary.module.css';
import { Absence } from './shown.tsx';

/** The numbers of the alliance chart, a row for each visit: they stand beside it. */
export function AllianceSummary({ alliance, patient }: { readonly alliance: AllianceView; readonly patient: string }) {
  const { words, format } = useReader();
  const say = useSay();
  const rated = (rater: Rater) => ({
    key: rater,
    head: words.patient.rater[rater],
    cell: (it: AllianceVisitView) => <Rating score={it[rater]} high={alliance.high} patient={patient} />,
  });
  return (
    <div className={styles.summary}>
      <DataTable
        caption={words.alliance.figure}
        rows={alliance.visits}
        keyOf={(it) => it.visit}
        columns={[
          { key: 'visit', head: words.alliance.columns.visit, cell: (it) => say(it.title) },
          rated('patient'),
          rated('therapist'),
          {
            key: 'gap',
            head: words.alliance.gapColumn,
            isNumber: true,
            cell: ({ gap }) => (gap === undefined ? '–' : format.signed(gap.value)),
          },
        ]}
      />
    </div>
  );
}

interface RatingProps {
  readonly score: Shown<AllianceScore>;
  readonly high: number;
  readonly patient: string;
}

/** "71 of 84 ±6.4", and what its change says. */
function Rating({ score, high, patient }: RatingProps) {
  const { words, format } = useReader();
  if (score.state !== 'shown') return <Absence absent={score} />;
  const { total, error, change, responseId } = score;
  const of = words.common.of(format.number(total), format.number(high));
  const verdict = { 'reliable-increase': words.alliance.more, 'reliable-decrease': words.alliance.more };
  const told =
    change?.verdict === undefined
      ? words.alliance.notKnown
      : change.verdict === 'no-reliable-change'
        ? words.alliance.unchanged
        : verdict[change.verdict];
  return (
    <span className={styles.rating}>
      <span>
        {responseId === undefined ? (
          <strong>{of}</strong>
        ) : (
          <Link place={{ page: 'response', patient, response: responseId }}>
            <strong>{of}</strong>
          </Link>
        )}
        {error === undefined ? null : <span className="quiet"> {words.alliance.plusMinus(format.number(error))}</span>}
      </span>
      {change === undefined ? null : (
        <span className={styles.change}>
          {format.signed(change.value)} · {told}
        </span>
      )}
    </span>
  );
}
