import { useEffect } from 'react';
import type { PatientView } from '../../../domain/view/patient-view.ts';
import type { ResponseView, ScoreView } from '../../../domain/view/response-view.ts';
import { useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Link } from '../navigation.tsx';
import page from '../page.module.css';
import { Banner } from '../patient/banner.tsx';
import { Absence } from '../patient/shown.tsx';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { useTitle } from '../shell/use-title.ts';

export interface ResponsePageProps {
  readonly patient: string;
  readonly response: string;
}

/** What was answered, how it was scored, where it came from. */
export default function ResponsePage({ patient, response }: ResponsePageProps) {
  const { words } = useReader();
  const path = `/api/patients/${encodeURIComponent(patient)}`;
  const { data, error, refetch } = useRead<ResponseView>(`${path}/responses/${encodeURIComponent(response)}`);
  const { data: whole } = useRead<PatientView>(path);
  const view = data?.patient.id === patient ? data : undefined;
  useTitle(words.response.title);
  // Newer browsers answer a scroll with a promise: it is no clean-up.
  useEffect(() => {
    scrollTo(0, 0);
  }, []);
  return (
    <>
      {whole?.banner.id === patient ? <Banner banner={whole.banner} /> : null}
      <div className={page.page}>
        <p className="no-print">
          <Link place={{ page: 'patient', patient }}>{words.response.back}</Link>
        </p>
        {view === undefined ? (
          error === null ? (
            <p className="quiet">{words.common.loading}</p>
          ) : (
            <Failure error={error} onRetry={refetch} />
          )
        ) : (
          <Known view={view} />
        )}
      </div>
    </>
  );
}

function Known({ view }: { readonly view: ResponseView }) {
  const { words, format } = useReader();
  const say = useSay();
  const { rater } = view;
  return (
    <>
      <div className={page.head}>
        <h2>{say(view.form.title)}</h2>
        <p>
          {words.patient.rater[rater.kind]}
          {rater.person?.name === undefined ? '' : `: ${rater.person.name}`} · {format.dateTime(view.authored)}
          {view.visit === undefined ? '' : ` · ${say(view.visit)}`}
        </p>
      </div>
      <p className={page.actions}>
        {view.form.wording === 'neutral' ? <Chip tone="plain">{words.response.neutral}</Chip> : null}
        {view.notCounted === true ? <Chip tone="warn">{words.response.notCounted}</Chip> : null}
        {view.keyUnconfirmed === true ? <Chip tone="warn">{words.patient.unconfirmed}</Chip> : null}
      </p>
      <section className={page.section} aria-labelledby="scores">
        <h2 id="scores">{words.response.scores}</h2>
        <Scores scores={view.scores} />
      </section>
      <section className={page.section} aria-labelledby="answers">
        <h2 id="answers">{words.response.answers}</h2>
        <Answers view={view} />
      </section>
      <Origin view={view} />
    </>
  );
}

function Scores({ scores }: { readonly scores: readonly ScoreView[] }) {
  const { words, format } = useReader();
  const say = useSay();
  return (
    <DataTable
      caption={words.response.scores}
      empty={words.response.noScore}
      rows={scores}
      keyOf={(it) => it.measure}
      columns={[
        { key: 'what', head: words.patient.what, cell: (it) => say(it.title) },
        {
          key: 'value',
          head: words.patient.value,
          cell: ({ score }) =>
            score.state === 'shown' ? (
              <strong>{words.common.of(format.number(score.value), format.number(score.high))}</strong>
            ) : (
              <Absence absent={score} />
            ),
        },
        { key: 'rule', head: words.response.rule, cell: (it) => (it.rule === undefined ? '–' : say(it.rule)) },
      ]}
    />
  );
}

function Answers({ view }: { readonly view: ResponseView }) {
  const { words, format } = useReader();
  const say = useSay();
  const counted = view.answers.some((it) => it.weight !== undefined);
  return (
    <>
      <p className="quiet">
        {words.patient.answered(format.number(view.answered), format.number(view.answers.length))}
      </p>
      <DataTable
        caption={words.response.answers}
        rows={view.answers}
        keyOf={(it) => it.linkId}
        columns={[
          { key: 'question', head: words.response.question, cell: (it) => say(it.question) },
          {
            key: 'answer',
            head: words.response.answer,
            cell: (it) =>
              it.answer === undefined ? <Absence absent={{ state: 'missing', why: 'not-answered' }} /> : say(it.answer),
          },
          ...(counted
            ? [
                {
                  key: 'weight',
                  head: words.response.counts,
                  isNumber: true,
                  cell: (it: ResponseView['answers'][number]) =>
                    it.weight === undefined
                      ? '–'
                      : `${format.number(it.weight)}${it.reversed === true ? ` (${words.response.reversed})` : ''}`,
                },
              ]
            : []),
        ]}
      />
    </>
  );
}

function Origin({ view }: { readonly view: ResponseView }) {
  const { words, format } = useReader();
  const { origin, form, language, status } = view;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [words.response.enteredBy, origin.enteredBy?.name],
    [words.response.source, origin.source],
    [words.response.received, origin.receivedAt === undefined ? undefined : format.dateTime(origin.receivedAt)],
    [words.response.scored, origin.scoredAt === undefined ? undefined : format.dateTime(origin.scoredAt)],
    [words.response.method, origin.method],
    [words.response.status, status],
    [words.response.language, language],
    [words.response.form, form.canonical],
  ];
  return (
    <section className={page.section} aria-labelledby="origin">
      <h2 id="origin">{words.response.origin}</h2>
      <dl className={page.facts}>
        {facts.flatMap(([name, value]) =>
          value === undefined ? [] : [<dt key={name}>{name}</dt>, <dd key={`${name}-value`}>{value}</dd>],
        )}
      </dl>
    </section>
  );
}
