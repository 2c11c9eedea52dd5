import { useEffect } from 'react';
import type { DueForm, FormsView } from '../../domain/view/form-view.ts';
import { go } from './address.ts';
import { useAround } from './around.ts';
import { Contact, Reading } from './contact.tsx';
import { Failure, Loading } from './failure.tsx';
import { InnerLink } from './inner-link.tsx';
import { keepOnly, keptHere, takeReturn } from './keep/kept-here.ts';
import { fill } from './render/render-words.ts';
import { Main } from './shell.tsx';
import { useLoaded } from './use-loaded.ts';

/** What is asked of me, how long it takes, until when, and who reads it. */
export function StartPage() {
  const { loaded, again } = useLoaded<FormsView>('/api/forms');
  if (loaded.state === 'loading') return <Loading />;
  if (loaded.state === 'failed') return <Failure refused={loaded.refused} onRetry={again} />;
  return <Forms view={loaded.value} />;
}

function Forms({ view }: { readonly view: FormsView }) {
  const { words, base } = useAround();
  const { forms, contact, rater } = view;
  useEffect(() => {
    keepOnly(forms.map((it) => it.taskId));
    const task = takeReturn();
    if (task !== undefined && forms.some((it) => it.taskId === task)) go(base, { page: 'form', task }, true);
  }, [forms, base]);
  const title = rater === 'patient' ? words.start.title : words.start.titleRound;
  return (
    <Main title={title}>
      {forms.length === 0 ? (
        <div className="card">
          <p>
            <strong>{words.start.none}</strong>
          </p>
          <p className="quietText">{words.start.noneMore}</p>
        </div>
      ) : (
        <>
          <p className="lead">
            {words.start.intro} {words.start.free}
          </p>
          <ul className="cards">
            {forms.map((it) => (
              <li key={it.taskId}>
                <FormCard form={it} />
              </li>
            ))}
          </ul>
        </>
      )}
      {(contact !== undefined || rater === 'patient') && <Contact title={words.start.call} contact={contact} />}
      {rater === 'patient' && (
        <p className="actions">
          <InnerLink className="link" place={{ page: 'copy' }}>
            {words.start.copy}
          </InnerLink>
        </p>
      )}
    </Main>
  );
}

function FormCard({ form }: { readonly form: DueForm }) {
  const { words, say, format } = useAround();
  const { taskId, questions, minutes, until, isOverdue, answered } = form;
  const isBegun = answered > 0 || keptHere(taskId) !== undefined;
  const count = questions === 1 ? words.start.oneQuestion : fill(words.start.questions, { count: questions });
  return (
    <article className="card" aria-labelledby={`form-${taskId}`}>
      <h2 id={`form-${taskId}`}>{say(form.title)}</h2>
      <ul className="facts">
        {form.about !== undefined && (
          <li>
            <strong>{form.about.name}</strong>
          </li>
        )}
        <li>
          {count} · {fill(words.start.minutes, { count: minutes })}
        </li>
        {until !== undefined && (
          <li>{fill(isOverdue ? words.start.overdue : words.start.until, { date: format.date(until) })}</li>
        )}
        <li>
          <Reading reading={form.reading} />
        </li>
        {answered > 0 && (
          <li>{answered === 1 ? words.start.begunOne : fill(words.start.begun, { count: answered })}</li>
        )}
      </ul>
      <div className="actions">
        <InnerLink className="button main" place={{ page: 'form', task: taskId }} describedBy={`form-${taskId}`}>
          {isBegun ? words.start.goOn : words.start.begin}
        </InnerLink>
        <InnerLink className="link" place={{ page: 'paper', task: taskId }}>
          {words.start.print}
        </InnerLink>
      </div>
    </article>
  );
}
