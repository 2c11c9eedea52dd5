import { Alert, Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { use, useRef, useState } from 'react';
import type { PaperBody, PaperEntered, PaperFormView } from '../../../domain/view/paper-view.ts';
import { ask } from '../../api/ask.ts';
import type { Items } from '../../form/render/answers.ts';
import { handedIn } from '../../form/render/enabled.ts';
import { FormBody } from '../../form/render/form-body.tsx';
import { countOf } from '../../form/render/screens.ts';
import { SpeakerContext, useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Link, useNavigation } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import styles from '../round/round-form.module.css';
import { useNotice } from '../shell/notice.tsx';
import { useTitle } from '../shell/use-title.ts';

/** One form from paper, typed in without any answer of anybody in sight. */
export function PaperEntry({ task }: { readonly task: string }) {
  const { words, language } = useReader();
  const path = `/api/paper/${encodeURIComponent(task)}`;
  const { data, error, refetch } = useRead<PaperFormView>(`${path}?language=${language}`);
  useTitle(words.paper.title);
  return (
    <div className={`${page.page} ${styles.narrow}`}>
      <p className="no-print">
        <Link place={{ page: 'paper' }}>{words.paper.back}</Link>
      </p>
      {error === null ? null : <Failure error={error} onRetry={refetch} />}
      {data === undefined ? (
        error === null ? (
          <p className="quiet">{words.common.loading}</p>
        ) : null
      ) : (
        <Typing view={data} path={path} />
      )}
    </div>
  );
}

function Typing({ view: { form, about }, path }: { readonly view: PaperFormView; readonly path: string }) {
  const { words, format } = useReader();
  const [items, setItems] = useState<Items>([]);
  const [authored, setAuthored] = useState('');
  const [isAsked, setAsked] = useState(false);
  const { asked, answered } = countOf(form.items, items);
  const { send, isSending, failed, differences } = useKeeping(path);
  const keep = () => {
    setAsked(true);
    if (authored !== '') void send({ items: handedIn(form.items, items), language: form.language, authored });
  };
  return (
    <>
      <h1>
        <span className={styles.about}>{about.patient.name}</span>
        {form.title}
      </h1>
      <TextInput
        type="date"
        label={words.paper.date}
        value={authored}
        error={isAsked && authored === '' ? words.paper.dateMissing : undefined}
        onChange={(event) => setAuthored(event.currentTarget.value)}
        mb="lg"
      />
      <FormBody
        form={form.items}
        items={items}
        language={form.language}
        onChange={(change) => setItems((now) => change(now))}
      />
      {differences === undefined ? null : (
        <Alert role="alert" title={words.paper.states.differs}>
          <p>{words.paper.differ}</p>
          <ul>
            {differences.map((it) => (
              <li key={it.linkId}>{it.text ?? it.linkId}</li>
            ))}
          </ul>
        </Alert>
      )}
      {failed === undefined ? null : <Failure error={failed} />}
      <div className={styles.bar}>
        <span>{words.round.begun(format.number(answered), format.number(asked))}</span>
        <Button disabled={isSending || answered === 0} onClick={keep}>
          {isSending ? words.common.saving : words.paper.send}
        </Button>
      </div>
    </>
  );
}

/** Keeps an entry, once however often the button is pressed. */
function useKeeping(path: string) {
  const { words } = useReader();
  const speaker = use(SpeakerContext);
  const client = useQueryClient();
  const navigation = useNavigation();
  const notice = useNotice();
  const [isSending, setSending] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const [differences, setDifferences] = useState<PaperEntered['differences']>();
  const busy = useRef(false);
  const key = useRef(crypto.randomUUID());
  const send = async (entry: Omit<PaperBody, 'key'>) => {
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setFailed(undefined);
    try {
      const body: PaperBody = { ...entry, key: key.current };
      const entered = await ask<PaperEntered>(speaker, path, { method: 'POST', body, timeoutMs: 30_000 });
      setDifferences(entered.state === 'differs' ? (entered.differences ?? []) : undefined);
      // What was sent is answered: what is changed after it is another entry.
      key.current = crypto.randomUUID();
      if (entered.state === 'differs') return;
      await client.invalidateQueries();
      notice(entered.state === 'stored' ? words.paper.stored : words.paper.kept);
      navigation.to({ page: 'paper' });
    } catch (error) {
      setFailed(error);
    } finally {
      busy.current = false;
      setSending(false);
    }
  };
  return { send, isSending, failed, differences };
}
