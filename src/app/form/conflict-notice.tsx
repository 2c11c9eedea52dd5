import { useState } from 'react';
import type { FormView } from '../../domain/view/form-view.ts';
import { ask } from '../api/ask.ts';
import { useAround } from './around.ts';
import type { Draft } from './keep/use-draft.ts';

/** The draft was saved from somewhere else: a person says which answers count. Nothing is overwritten before. */
export function ConflictNotice({ form, draft }: { readonly form: FormView; readonly draft: Draft }) {
  const { words, speaker, language } = useAround();
  const [isAsking, setAsking] = useState(false);
  const choose = async (settle: (now: FormView) => void): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    try {
      settle(await ask<FormView>(speaker, `/api/forms/${encodeURIComponent(form.taskId)}?language=${language}`));
    } catch {
      // Not reached: the question stays open, and the answers stay here.
    } finally {
      setAsking(false);
    }
  };
  return (
    <div className="notice warn" role="alert">
      <p>
        <strong>{words.conflict.title}</strong>
      </p>
      <p>{words.conflict.text}</p>
      <div className="actions">
        <button
          type="button"
          className="button"
          aria-disabled={isAsking}
          onClick={() => void choose(({ draft: now }) => draft.takeTheirs(now?.items ?? [], now?.version))}
        >
          {words.conflict.theirs}
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={isAsking}
          onClick={() => void choose(({ draft: now }) => draft.keepMine(now?.version))}
        >
          {words.conflict.mine}
        </button>
      </div>
    </div>
  );
}
