import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { PaperBody, PaperFormView, PaperListView, PaperSaved } from '../../../domain/view/paper-view.ts';
import type { Items } from '../../form/render/answers.ts';
import { handedIn } from '../../form/render/enabled.ts';
import { FormBody } from '../../form/render/form-body.tsx';
import { countOf } from '../../form/render/screens.ts';
import { useChange, useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Link, useNavigation } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import styles from '../round/round-form.module.css';
import { useNotice } from '../shell/notice.tsx';
import { useTitle } from '../shell/use-title.ts';
import { PaperResolving } from './paper-resolving.tsx';

export interface PaperEntryProps {
  readonly task: string;
  readonly patient: string;
}

/** One form from paper, typed in without any answer of anybody in sight; or where two entries differ, which is right. */
export function PaperEntry({ task, patient }: PaperEntryProps) {
  const { words, language } = useReader();
  const path = `/api/paper/${encodeURIComponent(task)}`;
  const { data, error, refetch } = useRead<PaperFormView>(`${path}?language=${language}`);
  const { data: list } = useRead<PaperListView>(`/api/paper?patient=${encodeURIComponent(patient)}`);
  const whose = list?.forms.some((it) => it.taskId === task) === true ? list.patient : undefined;
  useTitle(words.paper.title);
  return (
    <div className={`${page.page} ${styles.narrow}`}>
      <p className="no-print">
        <Link place={{ page: 'paper' }} query={{ patient }}>
          {words.paper.back}
        </Link>
      </p>
      {error === null ? null : <Failure error={error} onRetry={refetch} />}
      {data === undefined ? (
        error === null ? (
          <p className="quiet">{words.common.loading}</p>
        ) : null
      ) : (
        <>
          <h1>
            {whose === undefined ? null : <span className={styles.about}>{whose.name ?? whose.id}</span>}
            {data.form.title}
          </h1>
          {data.paper.state === 'differs' ? (
            <PaperResolving path={path} differences={data.paper.differences} patient={patient} />
          ) : (
            <Typing view={data} path={path} patient={patient} />
          )}
        </>
      )}
    </div>
  );
}

interface TypingProps {
  readonly view: PaperFormView;
  readonly path: string;
  readonly patient: string;
}

function Typing({ view: { form, paper }, path, patient }: TypingProps) {
  const { words, format } = useReader();
  const [items, setItems] = useState<Items>([]);
  const [answeredOn, setAnsweredOn] = useState('');
  const [isAsked, setAsked] = useState(false);
  const { asked, answered } = countOf(form.items, items);
  const { keep, isPending, error } = useKeeping(path, patient);
  if (paper.state === 'second' && !paper.mayEnter) return <p>{words.paper.own}</p>;
  const send = () => {
    setAsked(true);
    if (answeredOn !== '') void keep({ items: handedIn(form.items, items), language: form.language, answeredOn });
  };
  return (
    <>
      <TextInput
        type="date"
        label={words.paper.date}
        value={answeredOn}
        error={isAsked && answeredOn === '' ? words.paper.dateMissing : undefined}
        onChange={(event) => setAnsweredOn(event.currentTarget.value)}
        mb="lg"
      />
      <FormBody
        form={form.items}
        items={items}
        language={form.language}
        onChange={(change) => setItems((now) => change(now))}
      />
      {error === null ? null : <Failure error={error} />}
      <div className={styles.bar}>
        <span>{words.round.begun(format.number(answered), format.number(asked))}</span>
        <Button disabled={isPending || answered === 0} onClick={send}>
          {isPending ? words.common.saving : words.paper.send}
        </Button>
      </div>
    </>
  );
}

/** Keeps an entry, once however often the button is pressed. Where the two differ, the page asks which is right. */
function useKeeping(path: string, patient: string) {
  const { words } = useReader();
  const sending = useChange<PaperSaved>();
  const client = useQueryClient();
  const navigation = useNavigation();
  const notice = useNotice();
  const busy = useRef(false);
  const keep = async (body: PaperBody) => {
    if (busy.current) return;
    busy.current = true;
    try {
      const { state } = await sending.mutateAsync({ path, body });
      if (state === 'differs') return void (await client.invalidateQueries());
      notice(state === 'counted' ? words.paper.stored : words.paper.kept);
      navigation.to({ page: 'paper' }, { patient });
    } catch {
      // The failure stands on the page, with what was typed.
    } finally {
      busy.current = false;
    }
  };
  return { keep, isPending: sending.isPending, error: sending.error };
}
