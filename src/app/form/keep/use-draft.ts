import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { CrisisView, DraftBody, DraftSaved, FormLanguage, FormView } from '../../../domain/view/form-view.ts';
import { ask } from '../../api/ask.ts';
import { useAround } from '../around.ts';
import type { Items } from '../render/answers.ts';
import { handedIn } from '../render/enabled.ts';
import { dangerIn } from './danger-in.ts';
import { DraftKeeper, type Keeping } from './draft-keeper.ts';
import { keepHere, keptHere, noteReturn } from './kept-here.ts';

/** A form being filled in: the answers as they are, and where they are kept. */
export interface Draft {
  readonly items: Items;
  readonly keeping: Keeping;
  readonly crisis: CrisisView | undefined;
  /** True where answers from before a sign-in or a reload were brought back. */
  readonly isRestored: boolean;
  readonly keeper: DraftKeeper;
  change(change: (items: Items) => Items): void;
  retry(): void;
  /** After a conflict: the answers of this screen over what stands there. */
  keepMine(version: string | undefined): void;
  /** After a conflict: the answers that stand there. */
  takeTheirs(items: Items, version: string | undefined): void;
}

const later = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Holds the answers to a form, and saves them after each. What was not saved before a sign-in is brought back. */
export function useDraft(form: FormView): Draft {
  const { speaker } = useAround();
  const { taskId } = form;
  const [first] = useState(() => firstItems(form));
  const [items, setItems] = useState(first.items);
  const [keeping, setKeeping] = useState<Keeping>({ state: 'idle' });
  const [crisis, setCrisis] = useState(form.crisis);
  const latest = useRef(first.items);
  const shown = useRef(form);
  shown.current = form;

  const keeper = useMemo(() => {
    const put = async (now: Items, version: string | undefined): Promise<string> => {
      const { items: form, language } = shown.current;
      const saved = await ask<DraftSaved>(speaker, `/api/forms/${encodeURIComponent(taskId)}/draft`, {
        method: 'PUT',
        body: draftBody(handedIn(form, now), language, version),
      });
      setCrisis(saved.crisis);
      return saved.version;
    };
    const onKeeping = (now: Keeping) => {
      setKeeping(now);
      if (now.state === 'expired') noteReturn(taskId);
    };
    const keep = (now: Items | undefined, version: string | undefined) =>
      keepHere(taskId, now === undefined ? undefined : { items: now, version });
    return new DraftKeeper({ put, keepHere: keep, onKeeping, now: Date.now, later }, first.version);
  }, [speaker, taskId, first.version]);

  useEffect(() => {
    if (first.isRestored) keeper.change(first.items);
  }, [keeper, first]);
  useKeptWhileLeaving(keeper);

  const change = useCallback(
    (make: (items: Items) => Items) => {
      latest.current = make(latest.current);
      setItems(latest.current);
      keeper.change(latest.current);
    },
    [keeper],
  );
  return {
    items,
    keeping,
    // Whoever watches is the server’s to say; the text itself waits for nobody.
    crisis: crisis ?? dangerIn(form.danger, items),
    isRestored: first.isRestored,
    keeper,
    change,
    retry: () => keeper.retry(),
    keepMine: (version) => keeper.settle(latest.current, version),
    takeTheirs: (theirs, version) => {
      latest.current = theirs;
      setItems(theirs);
      keeper.accept(version);
    },
  };
}

const draftBody = (items: DraftBody['items'], language: FormLanguage, version: string | undefined): DraftBody => ({
  items,
  language,
  ...(version === undefined ? {} : { version }),
});

/** The answers to begin with: what this tab could not save before, else the draft on the server, else none. */
function firstItems({ taskId, draft }: FormView): { items: Items; version: string | undefined; isRestored: boolean } {
  const kept = keptHere(taskId);
  if (kept !== undefined) return { items: kept.items, version: kept.version ?? draft?.version, isRestored: true };
  return { items: draft?.items ?? [], version: draft?.version, isRestored: false };
}

/** The network came back: try at once. The page is being left: save now, and ask before what is unsaved is lost. */
function useKeptWhileLeaving(keeper: DraftKeeper): void {
  useEffect(() => {
    const online = () => keeper.retry();
    const hidden = () => {
      if (document.visibilityState === 'hidden') void keeper.flush();
    };
    const leaving = (event: BeforeUnloadEvent) => {
      if (keeper.isStuck) event.preventDefault();
    };
    addEventListener('online', online);
    addEventListener('beforeunload', leaving);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      removeEventListener('online', online);
      removeEventListener('beforeunload', leaving);
      document.removeEventListener('visibilitychange', hidden);
      void keeper.flush();
    };
  }, [keeper]);
}
