import { useRef, useState } from 'react';
import type { ResponseBody, ResponseSent } from '../../domain/view/form-view.ts';
import { ask } from '../api/ask.ts';
import { Refused } from '../api/refused.ts';
import { go } from './address.ts';
import { useAround } from './around.ts';
import { SignInNotice } from './failure.tsx';
import { FormFace, FormFoot } from './form-face.tsx';
import { keepHere, noteReturn } from './keep/kept-here.ts';
import { answerText } from './render/answer-text.ts';
import { handedIn } from './render/enabled.ts';
import { fill } from './render/render-words.ts';
import { countOf, givenTo, type Screen, screenKey, screensOf } from './render/screens.ts';
import { SavedLine } from './saved-line.tsx';
import type { ScreenProps } from './screen-props.ts';
import { Main } from './shell.tsx';

const SEND_TIMEOUT_MS = 30_000;

/** All answers before they are sent; each can be changed. Nothing is sent until a person says so, and then once. */
export function ReviewPage(props: ScreenProps & { onSent(sent: ResponseSent): void }) {
  const { form, draft, notices } = props;
  const { words, base } = useAround();
  const { isSending, failed, send } = useSending(props);
  const screens = screensOf(form.items, draft.items);
  const { asked, answered } = countOf(form.items, draft.items);
  const missing = asked - answered;
  return (
    <Main title={words.review.title} over={form.title} hasBar>
      <p className="lead screenOnly">{words.review.intro}</p>
      <FormFace form={form} />
      {notices}
      <p className={missing === 0 ? 'notice good' : 'notice'}>{missingSaid(missing, words.review)}</p>
      <dl className="answers" lang={form.language}>
        {screens.map((it) => (
          <AnswerRow key={screenKey(it)} screen={it} {...props} />
        ))}
      </dl>
      <FormFoot form={form} />
      <div className="actions">
        <button type="button" className="link" onClick={() => print()}>
          {words.review.print}
        </button>
      </div>
      <div className="bar">
        <SavedLine draft={draft} />
        {failed !== undefined && <NotSent refused={failed} />}
        <div className="actions">
          <button type="button" className="button" onClick={() => go(base, { page: 'form', task: form.taskId })}>
            {words.form.back}
          </button>
          <button
            type="button"
            className="button main"
            aria-disabled={isSending || answered === 0}
            aria-describedby={answered === 0 ? 'nothing' : undefined}
            onClick={() => answered > 0 && void send()}
          >
            {isSending ? words.review.sending : words.review.send}
          </button>
        </div>
        {answered === 0 && <p id="nothing">{words.review.nothing}</p>}
      </div>
    </Main>
  );
}

function NotSent({ refused }: { readonly refused: Refused }) {
  const { words } = useAround();
  if (refused.status === 401) return <SignInNotice isUnsaved />;
  return (
    <p className="notice warn" role="alert">
      {refused.kind === 'offline' ? words.review.notSentOffline : words.review.notSent}
    </p>
  );
}

function missingSaid(missing: number, review: { allAnswered: string; oneMissing: string; missing: string }): string {
  if (missing === 0) return review.allAnswered;
  return missing === 1 ? review.oneMissing : fill(review.missing, { count: missing });
}

function AnswerRow({ screen, form, draft }: ScreenProps & { readonly screen: Screen }) {
  const { words, base } = useAround();
  const { item } = screen;
  const given = givenTo(draft.items, screen).map((it) => answerText(item, it, form.language));
  const isMissing = given.length === 0;
  const question = item.text ?? item.linkId;
  return (
    <div>
      <dt>
        {item.prefix !== undefined && `${item.prefix} `}
        {question}
      </dt>
      <dd className={isMissing ? 'none' : undefined}>{isMissing ? words.copy.notAnswered : given.join('\n')}</dd>
      <dd className="does screenOnly">
        <button
          type="button"
          className="link"
          onClick={() => go(base, { page: 'form', task: form.taskId, question: screenKey(screen) })}
        >
          {isMissing ? words.review.answer : words.review.change}
          <span className="hidden">: {question}</span>
        </button>
      </dd>
    </div>
  );
}

/** Hands in once, however often the button is pressed: one request at a time, and one key for all tries. */
function useSending({ form, draft, onSent }: ScreenProps & { onSent(sent: ResponseSent): void }) {
  const { speaker } = useAround();
  const [isSending, setSending] = useState(false);
  const [failed, setFailed] = useState<Refused>();
  const isUnderWay = useRef(false);
  const key = useRef(crypto.randomUUID());
  const send = async (): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
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
      const sent = await ask<ResponseSent>(speaker, path, { method: 'POST', body, timeoutMs: SEND_TIMEOUT_MS });
      draft.keeper.stop();
      keepHere(form.taskId, undefined);
      onSent(sent);
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused('unreadable', 0, 'unreadable');
      if (refused.status === 401) {
        keepHere(form.taskId, { items: draft.items, version: draft.keeper.version });
        noteReturn(form.taskId);
      }
      setFailed(refused);
    } finally {
      isUnderWay.current = false;
      setSending(false);
    }
  };
  return { isSending, failed, send };
}
