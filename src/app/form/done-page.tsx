import type { FormsView, ResponseSent } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { Contact, Crisis } from './contact.tsx';
import { InnerLink } from './inner-link.tsx';
import { fill } from './render/render-words.ts';
import { Main } from './shell.tsx';
import { useLoaded } from './use-loaded.ts';

/** It was sent: who reads it, by when, whom to call if it cannot wait, and what is asked next. */
export function DonePage({ sent: { state, reading, crisis } }: { readonly sent: ResponseSent }) {
  const { words, say } = useAround();
  const { loaded } = useLoaded<FormsView>('/api/forms');
  const next = loaded.state === 'there' ? loaded.value.forms[0] : undefined;
  const isPatient = loaded.state === 'there' && loaded.value.rater === 'patient';
  return (
    <Main title={words.done.title}>
      {crisis !== undefined && <Crisis crisis={crisis} />}
      {state === 'kept' && <p className="notice">{words.done.kept}</p>}
      <section className="card" aria-labelledby="next">
        <h2 id="next">{words.done.next}</h2>
        <p>{fill(words.done.reads, { who: say(reading.who) })}</p>
        {reading.byWhen !== undefined && <p>{fill(words.done.by, { when: say(reading.byWhen) })}</p>}
      </section>
      {(reading.contact !== undefined || isPatient) && <Contact title={words.done.call} contact={reading.contact} />}
      <div className="actions">
        {next !== undefined && (
          <InnerLink className="button main" place={{ page: 'form', task: next.taskId }}>
            {fill(words.done.more, { title: say(next.title) })}
          </InnerLink>
        )}
        <InnerLink className="button" place={{ page: 'start' }}>
          {words.done.toStart}
        </InnerLink>
        {isPatient && (
          <InnerLink className="link" place={{ page: 'copy' }}>
            {words.done.copy}
          </InnerLink>
        )}
      </div>
      {loaded.state === 'there' && next === undefined && <p className="quietText">{words.done.close}</p>}
    </Main>
  );
}
