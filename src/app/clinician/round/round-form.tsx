import { Alert, Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { use, useRef, useState } from 'react';
import type { DueForm, FormView, ResponseBody, ResponseSent } from '../../../domain/view/form-view.ts';
import { ask } from '../../api/ask.ts';
import { AroundContext } from '../../form/around.ts';
import { useDraft } from '../../form/keep/use-draft.ts';
import { handedIn } from '../../form/render/enabled.ts';
import { FormBody } from '../../form/render/form-body.tsx';
import { countOf } from '../../form/render/screens.ts';
import { SavedLine } from '../../form/saved-line.tsx';
import { SpeakerContext, useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Link, useNavigation } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { useNotice } from '../shell/notice.tsx';
import { useTitle } from '../shell/use-title.ts';
import styles from './round-form.module.css';
import { useFormsAround } from './use-forms-around.ts';

export interface RoundFormProps {
  readonly task: string;
  /** Whom it is about: who fills it in must see it. */
  readonly about: DueForm['about'];
  /** The form after this one. */
  readonly next: string | undefined;
}

/** One form of the round, whole on the page; what is answered is saved as it is answered. */
export function RoundForm({ task, about, next }: RoundFormProps) {
  const { words, language } = useReader();
  const path = `/api/forms/${encodeURIComponent(task)}?language=${language}`;
  const { data, error, refetch } = useRead<FormView>(path);
  const around = useFormsAround();
  useTitle(words.round.title);
  return (
    <div className={`${page.page} ${styles.narrow}`}>
      <p className="no-print">
        <Link place={{ page: 'round' }}>{words.round.back}</Link>
      </p>
      {error === null ? null : <Failure error={error} onRetry={refetch} />}
      {data === undefined || around === undefined ? (
        error === null ? (
          <p className="quiet">{words.common.loading}</p>
        ) : null
      ) : (
        <AroundContext value={around}>
          <Filling form={data} about={about} next={next} />
        </AroundContext>
      )}
    </div>
  );
}

function Filling({ form, about, next }: Pick<RoundFormProps, 'about' | 'next'> & { readonly form: FormView }) {
  const { words, format } = useReader();
  const draft = useDraft(form);
  const { asked, answered } = countOf(form.items, draft.items);
  const { send, isSending, failed } = useSending(form, draft, next);
  return (
    <>
      <div className={page.head}>
        <h1>
          {about === undefined ? null : (
            <span className={styles.about}>
              {about.recordNumber === undefined
                ? about.name
                : `${about.name} · ${words.worklist.record(about.recordNumber)}`}
            </span>
          )}
          {form.title}
        </h1>
        {form.wording === 'neutral' ? <Chip tone="plain">{words.response.neutral}</Chip> : null}
      </div>
      {draft.crisis === undefined ? null : (
        <Alert color="red" role="alert">
          {draft.crisis.text[form.language]}
        </Alert>
      )}
      <FormBody form={form.items} items={draft.items} language={form.language} onChange={draft.change} />
      {failed === undefined ? null : <Failure error={failed} />}
      <div className={styles.bar}>
        <span>{words.round.begun(format.number(answered), format.number(asked))}</span>
        <SavedLine draft={draft} />
        <Button disabled={isSending || answered === 0} onClick={send}>
          {isSending ? words.common.saving : words.round.send}
        </Button>
      </div>
    </>
  );
}

/** Hands in once, however often the button is pressed; then goes on to the next form. */
function useSending(form: FormView, draft: ReturnType<typeof useDraft>, next: string | undefined) {
  const { words } = useReader();
  const speaker = use(SpeakerContext);
  const client = useQueryClient();
  const navigation = useNavigation();
  const notice = useNotice();
  const [isSending, setSending] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const busy = useRef(false);
  const key = useRef(crypto.randomUUID());
  const send = async () => {
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setFailed(undefined);
    try {
      await draft.keeper.flush();
      const { version } = draft.keeper;
      const body: ResponseBody = {
        items: handedIn(form.items, draft.items),
        language: form.language,
        key: key.current,
        ...(version === undefined ? {} : { version }),
      };
      const path = `/api/forms/${encodeURIComponent(form.taskId)}/response`;
      await ask<ResponseSent>(speaker, path, { method: 'POST', body, timeoutMs: 30_000 });
      draft.keeper.stop();
      await client.invalidateQueries();
      notice(words.round.sent);
      navigation.to(next === undefined ? { page: 'round' } : { page: 'round', task: next });
    } catch (error) {
      setFailed(error);
    } finally {
      busy.current = false;
      setSending(false);
    }
  };
  return { send, isSending, failed };
}
