import { Button, Radio, Textarea } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import type { PaperDifference, PaperResolution } from '../../../domain/view/paper-view.ts';
import { useChange } from '../api.ts';
import { Failure } from '../failure.tsx';
import { useNavigation } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { useNotice } from '../shell/notice.tsx';

export interface PaperResolvingProps {
  readonly path: string;
  readonly patient: string;
  readonly differences: readonly PaperDifference[];
}

/** The day on the paper is a difference of its own. */
const ON_PAPER = 'authored';

/** Where two people read the paper differently: which of them is right, question by question, and why. */
export function PaperResolving({ path, patient, differences }: PaperResolvingProps) {
  const { words } = useReader();
  const [choices, setChoices] = useState<PaperResolution['choices']>({});
  const [note, setNote] = useState('');
  const { resolve, isPending, error } = useResolving(path, patient);
  const isWhole = differences.every((it) => choices[it.linkId] !== undefined) && note.trim() !== '';
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) void resolve({ choices, note: note.trim() });
  };
  const choose = (linkId: string) => (value: string) => {
    if (value === 'first' || value === 'second') setChoices({ ...choices, [linkId]: value });
  };
  return (
    <form className={page.form} onSubmit={send}>
      <p>{words.paper.differ}</p>
      {differences.map((it) => (
        <Radio.Group
          key={it.linkId}
          label={it.linkId === ON_PAPER ? words.paper.date : it.question}
          value={choices[it.linkId] ?? ''}
          onChange={choose(it.linkId)}
        >
          <div className={page.options}>
            <Radio value="first" label={words.paper.entry.first(it.first ?? words.missing['not-answered'])} />
            <Radio value="second" label={words.paper.entry.second(it.second ?? words.missing['not-answered'])} />
          </div>
        </Radio.Group>
      ))}
      <Textarea
        label={words.common.reason}
        rows={2}
        maxLength={1500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {error === null ? null : <Failure error={error} />}
      <div className={page.actions}>
        <Button type="submit" disabled={!isWhole || isPending}>
          {isPending ? words.common.saving : words.paper.resolve}
        </Button>
      </div>
    </form>
  );
}

/** Says once which entry is right. */
function useResolving(path: string, patient: string) {
  const { words } = useReader();
  const sending = useChange();
  const navigation = useNavigation();
  const notice = useNotice();
  const busy = useRef(false);
  const resolve = async (body: PaperResolution) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await sending.mutateAsync({ path: `${path}/resolution`, body });
      notice(words.paper.resolved);
      navigation.to({ page: 'paper' }, { patient });
    } catch {
      // The failure stands on the page, with what was chosen.
    } finally {
      busy.current = false;
    }
  };
  return { resolve, isPending: sending.isPending, error: sending.error };
}
