import type { Refused } from '../api/refused.ts';
import { useAround } from './around.ts';
import { Main } from './shell.tsx';
import type { FormWords } from './words/form-words.ts';

function sentence({ kind, status }: Refused, { failed }: FormWords): string {
  if (kind === 'offline') return failed.offline;
  if (kind === 'late') return failed.late;
  if (status === 403) return failed.forbidden;
  if (status === 404 || status === 409 || status === 410) return failed.gone;
  return status === 502 || status === 503 || status === 504 ? failed.down : failed.other;
}

/** A page that could not be shown: what happened, what is safe, what to do. */
export function Failure({ refused, onRetry }: { readonly refused: Refused; onRetry?: (() => void) | undefined }) {
  const { words } = useAround();
  if (refused.status === 401) return <SignInAgain />;
  return (
    <Main title={words.failed.title}>
      <div className="notice warn" role="alert">
        <p>
          {sentence(refused, words)} {words.failed.safe}
        </p>
        {onRetry !== undefined && (
          <div className="actions">
            <button type="button" className="button" onClick={onRetry}>
              {words.failed.retry}
            </button>
          </div>
        )}
      </div>
    </Main>
  );
}

/** The session has ended: how to sign in again, and that nothing typed is lost. */
export function SignInAgain({ isUnsaved = false }: { readonly isUnsaved?: boolean }) {
  const { words } = useAround();
  return (
    <Main title={words.expired.title}>
      <SignInNotice isUnsaved={isUnsaved} />
    </Main>
  );
}

/** The same, within a page that goes on showing what was answered. */
export function SignInNotice({ isUnsaved }: { readonly isUnsaved: boolean }) {
  const { words, signIn } = useAround();
  return (
    <div className="notice warn" role="alert">
      <p>{isUnsaved ? words.expired.textUnsaved : words.expired.text}</p>
      {signIn === undefined ? (
        <p>{words.expired.portal}</p>
      ) : (
        <div className="actions">
          <a className="button main" href={signIn}>
            {words.expired.signIn}
          </a>
        </div>
      )}
    </div>
  );
}

export function Loading() {
  const { words } = useAround();
  return (
    <main id="content">
      <p className="quietText" role="status">
        {words.loading}
      </p>
    </main>
  );
}
