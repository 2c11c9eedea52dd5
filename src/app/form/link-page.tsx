import { type FormEvent, useState } from 'react';
import type { LinkCodeBody, LinkCodeSent, LinkOpenBody, LinkOpened } from '../../domain/view/link-view.ts';
import { ask } from '../api/ask.ts';
import { Refused } from '../api/refused.ts';
import { useAround } from './around.ts';
import { fill } from './render/render-words.ts';
import { Main } from './shell.tsx';

type Step = { readonly at: 'ask' } | { readonly at: 'code'; readonly sent: LinkCodeSent } | { readonly at: 'dead' };

/** The personal link: worth nothing without a one-time code sent to the phone in the record. No name is shown. */
export function LinkPage({ code }: { readonly code: string | undefined }) {
  const { words, speaker } = useAround();
  const [step, setStep] = useState<Step>({ at: 'ask' });
  const [failed, setFailed] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const attempt = async (run: () => Promise<void>): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setFailed(undefined);
    try {
      await run();
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused('unreadable', 0, 'unreadable');
      if (refused.status === 410 || refused.status === 404) setStep({ at: 'dead' });
      else setFailed(refused);
    } finally {
      setBusy(false);
    }
  };
  const sendCode = (body: LinkCodeBody) =>
    attempt(async () => {
      setStep({ at: 'code', sent: await ask<LinkCodeSent>(speaker, '/api/link/code', { method: 'POST', body }) });
    });
  const open = (body: LinkOpenBody) =>
    attempt(async () => {
      const { launch } = await ask<LinkOpened>(speaker, '/api/link/open', { method: 'POST', body });
      location.replace(`/form/${encodeURIComponent(launch)}/`);
    });

  if (code === undefined) return <Main title={words.link.title}>{<p>{words.link.noCode}</p>}</Main>;
  if (step.at === 'dead')
    return (
      <Main title={words.link.dead}>
        <p>{words.link.deadMore}</p>
      </Main>
    );
  return (
    <Main title={words.link.title}>
      {step.at === 'ask' ? (
        <div className="card">
          <p>{words.link.intro}</p>
          <div className="actions">
            <button
              type="button"
              className="button main"
              aria-disabled={isBusy}
              onClick={() => void sendCode({ code })}
            >
              {words.link.send}
            </button>
          </div>
        </div>
      ) : (
        <CodeEntry
          sent={step.sent}
          isBusy={isBusy}
          onCode={(oneTimeCode) => void open({ code, oneTimeCode })}
          onAgain={() => void sendCode({ code })}
        />
      )}
      {failed !== undefined && <LinkFailure refused={failed} />}
    </Main>
  );
}

interface CodeEntryProps {
  readonly sent: LinkCodeSent;
  readonly isBusy: boolean;
  onCode(code: string): void;
  onAgain(): void;
}

function CodeEntry({ sent: { digits }, isBusy, onCode, onAgain }: CodeEntryProps) {
  const { words } = useAround();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = typed.replaceAll(/\D/g, '');
    if (code.length === digits) onCode(code);
  };
  return (
    <form className="card" onSubmit={submit}>
      <p role="status">{words.link.sent}</p>
      <div className="field">
        <label htmlFor="code">{words.link.code}</label>
        <input
          id="code"
          className="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          aria-describedby="digits"
          maxLength={digits + 3}
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        <span id="digits" className="quietText">
          {fill(words.link.codeHint, { count: digits })}
        </span>
      </div>
      <div className="actions">
        <button type="submit" className="button main" aria-disabled={isBusy}>
          {words.link.open}
        </button>
        <button type="button" className="link" onClick={onAgain}>
          {words.link.again}
        </button>
      </div>
    </form>
  );
}

function LinkFailure({ refused }: { readonly refused: Refused }) {
  const { words } = useAround();
  const isWrong = refused.reason === 'wrong-code';
  const said = refused.kind === 'offline' ? words.failed.offline : words.failed.other;
  return (
    <p className="notice warn" role="alert">
      {isWrong ? words.link.wrong : said}
    </p>
  );
}
