import type { LevelStayView, PatientView } from '../../../domain/view/patient-view.ts';
import { Figure } from '../charts/figure.tsx';
import { LevelLane } from '../charts/level-lane.tsx';
import { timeOf } from '../charts/scale.ts';
import type { TimeFrame } from '../charts/time-frame.ts';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { DataTable } from '../shell/table.tsx';
import styles from './care-section.module.css';
import { Evidence } from './evidence.tsx';
import { anchorOf } from './time-frame-of.ts';

export interface CareSectionProps {
  readonly view: PatientView;
  readonly frame: TimeFrame;
}

/** Levels of care over time, and for each step who decided it, why, and on which answers. */
export function CareSection({ view, frame }: CareSectionProps) {
  const { words } = useReader();
  const say = useSay();
  return (
    <section className={page.section} aria-labelledby="care">
      <h2 id="care" tabIndex={-1}>
        {words.patient.care}
      </h2>
      {view.stays.length === 0 ? (
        <p className="quiet">{words.care.none}</p>
      ) : (
        <>
          <Figure title={words.care.figure} table={<Stays stays={view.stays} />}>
            {(read) => (
              <LevelLane
                title={words.care.figure}
                levels={view.levels.map(({ rank, title }) => ({ rank, title: say(title) }))}
                stays={view.stays.map((it) => ({
                  key: it.plan,
                  rank: it.rank,
                  title: say(it.title),
                  from: timeOf(it.from),
                  ...(it.to === undefined ? {} : { to: timeOf(it.to) }),
                }))}
                frame={frame}
                read={read}
              />
            )}
          </Figure>
          <ol className={styles.steps} reversed>
            {view.stays.toReversed().map((it) => (
              <Step key={it.plan} stay={it} patient={view.banner.id} />
            ))}
          </ol>
        </>
      )}
      <Activities view={view} />
      <PastProposals view={view} />
    </section>
  );
}

function Step({ stay, patient }: { readonly stay: LevelStayView; readonly patient: string }) {
  const { words, format } = useReader();
  const say = useSay();
  const { decidedBy } = stay;
  return (
    <li id={anchorOf(stay.plan)} className={styles.step} tabIndex={-1}>
      <p className={styles.head}>
        <strong>{words.care[stay.direction](say(stay.title))}</strong> · {format.date(stay.from)}
      </p>
      <p className="quiet">
        {decidedBy === undefined ? words.care.nobody : words.care.decided(decidedBy.name ?? words.common.unknown)}
      </p>
      {stay.sentence === undefined ? null : <p>{say(stay.sentence)}</p>}
      {stay.reason === undefined ? null : <p>{stay.reason}</p>}
      {stay.restedOnAmended === true ? <p>{words.care.amended}</p> : null}
      <Evidence evidence={stay.evidence} patient={patient} />
    </li>
  );
}

function Stays({ stays }: { readonly stays: readonly LevelStayView[] }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <DataTable
      caption={words.care.figure}
      rows={stays.toReversed()}
      keyOf={(it) => it.plan}
      columns={[
        { key: 'level', head: words.care.level, cell: (it) => `${it.rank} · ${say(it.title)}` },
        { key: 'from', head: words.care.from, cell: (it) => format.date(it.from) },
        {
          key: 'to',
          head: words.care.to,
          cell: (it) => (it.to === undefined ? words.care.present : format.date(it.to)),
        },
        { key: 'by', head: words.decide.by, cell: (it) => it.decidedBy?.name ?? words.common.unknown },
      ]}
    />
  );
}

/** What the present level, and those below it, bring with them. */
function Activities({ view }: { readonly view: PatientView }) {
  const { words } = useReader();
  const say = useSay();
  const present = view.levels.find((it) => it.code === view.banner.level?.code);
  if (present === undefined || present.activities.length === 0) return null;
  return (
    <details className={styles.past}>
      <summary>{words.care.activities}</summary>
      <ul>
        {present.activities.map((it) => (
          <li key={it.en}>{say(it)}</li>
        ))}
      </ul>
    </details>
  );
}

function PastProposals({ view }: { readonly view: PatientView }) {
  const { words, format } = useReader();
  const say = useSay();
  if (view.pastProposals.length === 0) return null;
  return (
    <details className={styles.past}>
      <summary>{words.care.past}</summary>
      <DataTable
        caption={words.care.past}
        rows={view.pastProposals}
        keyOf={(it) => it.id}
        columns={[
          { key: 'date', head: words.common.date, cell: (it) => format.date(it.date) },
          {
            key: 'what',
            head: words.patient.what,
            cell: (it) => (it.sentence === undefined ? say(it.title) : say(it.sentence)),
          },
          { key: 'outcome', head: words.decide.outcome, cell: (it) => say(it.outcome) },
          { key: 'by', head: words.decide.by, cell: (it) => it.by?.name ?? '–' },
          { key: 'note', head: words.common.reason, cell: (it) => it.note ?? '–' },
        ]}
      />
    </details>
  );
}
