import type { AllianceScore, AllianceView, AllianceVisitView, Shown } from '../../../domain/view/patient-view.ts';
import type { Format } from '../../format/format.ts';
import type { AppWords } from '../../words/en.ts';
import { AllianceChart, AllianceLegend } from '../charts/alliance-chart.tsx';
import type { AllianceSlot, AllianceVisit, Rater } from '../charts/alliance-geometry.ts';
import { Figure } from '../charts/figure.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { AllianceSummary } from './alliance-summary.tsx';
import { AllianceTable } from './alliance-table.tsx';
import { changeOf } from './alliance-words.ts';
import { Absence, whyOf } from './shown.tsx';

const RATERS: readonly Rater[] = ['patient', 'therapist'];

export interface AllianceSectionProps {
  readonly alliance: Shown<AllianceView>;
  readonly patient: string;
}

/** How the two of them see their work together, at three visits. */
export function AllianceSection({ alliance, patient }: AllianceSectionProps) {
  const { words } = useReader();
  return (
    <section className={page.section} aria-labelledby="alliance">
      <h2 id="alliance" tabIndex={-1}>
        {words.alliance.title}
      </h2>
      {alliance.state !== 'shown' ? (
        <p>
          <Absence absent={alliance} />
        </p>
      ) : alliance.visits.length === 0 ? (
        <p className="quiet">{words.alliance.none}</p>
      ) : (
        <AllianceFigure alliance={alliance} patient={patient} />
      )}
    </section>
  );
}

function AllianceFigure({ alliance, patient }: { readonly alliance: AllianceView; readonly patient: string }) {
  const { words, format } = useReader();
  const say = useSay();
  const raters = RATERS.filter((rater) => alliance.visits.some((it) => it[rater].state !== 'withheld'));
  const withheld = RATERS.flatMap((rater) => {
    const absent = alliance.visits.map((it) => it[rater]).find((it) => it.state === 'withheld');
    return raters.includes(rater) || absent === undefined ? [] : [{ rater, absent }];
  });
  const scores = alliance.visits.flatMap((it) => RATERS.map((rater) => it[rater])).filter((it) => it.state === 'shown');
  const visits = alliance.visits.map((it) => visitOf(it, alliance, patient, say(it.title), words, format));
  const notes = [
    ...withheld.map(({ rater, absent }) => `${words.alliance.raters[rater]}: ${whyOf(absent, words, format)}.`),
    ...(scores.length > 0 && scores.every((it) => it.error === undefined) ? [words.alliance.noError] : []),
    ...(scores.some((it) => it.keyUnconfirmed === true) ? [words.patient.unconfirmed] : []),
  ];
  return (
    <Figure
      title={words.alliance.figure}
      legend={<AllianceLegend raters={raters} hasError={scores.some((it) => it.error !== undefined)} />}
      note={notes.length === 0 ? undefined : notes.join(' ')}
      beside={<AllianceSummary alliance={alliance} patient={patient} />}
      table={<AllianceTable alliance={alliance} />}
      tableTitle={words.alliance.subscales}
    >
      {(read) => (
        <AllianceChart
          title={words.alliance.figure}
          visits={visits}
          range={[alliance.low, alliance.high]}
          raters={raters}
          read={read}
        />
      )}
    </Figure>
  );
}

function visitOf(
  visit: AllianceVisitView,
  alliance: AllianceView,
  patient: string,
  title: string,
  words: AppWords,
  format: Format,
): AllianceVisit {
  const slot = (rater: Rater): AllianceSlot => {
    const shown = visit[rater];
    if (shown.state !== 'shown') return { kind: 'missing', words: whyOf(shown, words, format) };
    const { total, error, change, responseId } = shown;
    return {
      kind: 'rated',
      total,
      ...(error === undefined ? {} : { error }),
      ...(change === undefined ? {} : { change: meaningOf(change.verdict) }),
      label: labelOf(shown, words.alliance.raters[rater], title, alliance, words, format),
      ...(responseId === undefined ? {} : { place: { page: 'response', patient, response: responseId } as const }),
    };
  };
  const gap = visit.gap === undefined ? {} : { gap: words.alliance.gap(format.signed(visit.gap.value)) };
  return {
    key: visit.visit,
    months: visit.months,
    label: title,
    patient: slot('patient'),
    therapist: slot('therapist'),
    ...gap,
  };
}

const meaningOf = (verdict: string | undefined): 'reliable' | 'within' | 'unknown' =>
  verdict === undefined ? 'unknown' : verdict === 'no-reliable-change' ? 'within' : 'reliable';

function labelOf(
  score: AllianceScore,
  who: string,
  visit: string,
  { high }: AllianceView,
  words: AppWords,
  format: Format,
): string {
  const total = words.common.of(format.number(score.total), format.number(high));
  const error = score.error === undefined ? '' : ` (${words.alliance.plusMinus(format.number(score.error))})`;
  const { change } = score;
  const told = change === undefined ? '' : `. ${changeOf(change, words, format)}`;
  return `${words.alliance.point(who, visit, `${total}${error}`, format.date(score.date))}${told}`;
}
