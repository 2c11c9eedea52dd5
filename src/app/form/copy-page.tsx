import type { CopyResponse, CopyView } from '../../domain/view/copy-view.ts';
import { useAround } from './around.ts';
import { Failure, Loading } from './failure.tsx';
import { InnerLink } from './inner-link.tsx';
import { fill } from './render/render-words.ts';
import { Main } from './shell.tsx';
import { useLoaded } from './use-loaded.ts';

/** A patient's copy: what I answered, who reads it, who has looked. */
export function CopyPage() {
  const { words } = useAround();
  const { loaded, again } = useLoaded<CopyView>('/api/copy');
  if (loaded.state === 'loading') return <Loading />;
  if (loaded.state === 'failed') return <Failure refused={loaded.refused} onRetry={again} />;
  const { responses } = loaded.value;
  return (
    <Main title={words.copy.title}>
      <p className="lead">{responses.length === 0 ? words.copy.none : words.copy.intro}</p>
      <ul className="cards">
        {responses.map((it) => (
          <li key={it.id}>
            <Copy response={it} />
          </li>
        ))}
      </ul>
      <div className="actions">
        <InnerLink className="button" place={{ page: 'start' }}>
          {words.copy.back}
        </InnerLink>
        {responses.length > 0 && (
          <button type="button" className="link" onClick={() => print()}>
            {words.copy.print}
          </button>
        )}
      </div>
    </Main>
  );
}

function Copy({ response }: { readonly response: CopyResponse }) {
  const { words, say, format } = useAround();
  const { id, title, authored, answers, readers, language } = response;
  return (
    <article className="card" aria-labelledby={`copy-${id}`}>
      <div>
        <h2 id={`copy-${id}`}>{say(title)}</h2>
        <p className="quietText">{fill(words.copy.answered, { date: format.dateTime(authored) })}</p>
      </div>
      <details>
        <summary>{words.copy.show}</summary>
        <dl className="answers" lang={language}>
          {answers.map(({ linkId, question, answer }) => (
            <div key={linkId}>
              <dt>{question}</dt>
              <dd className={answer === undefined ? 'none' : undefined}>{answer ?? words.copy.notAnswered}</dd>
            </div>
          ))}
        </dl>
      </details>
      <p>
        <strong>{words.copy.reads}:</strong> {say(readers)}
      </p>
      <Looks looks={response.looks} />
    </article>
  );
}

function Looks({ looks }: { readonly looks: CopyResponse['looks'] }) {
  const { words, format, say } = useAround();
  if ('state' in looks)
    return (
      <p>
        <strong>{words.copy.looked}:</strong> {say(looks.why)}
      </p>
    );
  const others = looks.filter((it) => !it.isSelf);
  return (
    <div>
      <p>
        <strong>{words.copy.looked}:</strong> {others.length === 0 && words.copy.nobody}
      </p>
      {others.length > 0 && (
        <ul className="facts">
          {others.map(({ at, who }) => (
            <li key={`${at} ${who}`}>
              {format.dateTime(at)} · {who}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
