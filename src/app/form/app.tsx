import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SessionView } from '../../domain/view/session-view.ts';
import { ask, type Speaker } from '../api/ask.ts';
import type { Launch } from '../api/launch.ts';
import { Refused } from '../api/refused.ts';
import { formatOf, isLanguage, type Language } from '../format/format.ts';
import { formPlaceOf, usePath } from './address.ts';
import { type Around, AroundContext, useAround } from './around.ts';
import { CopyPage } from './copy-page.tsx';
import { Failure, Loading, SignInAgain } from './failure.tsx';
import { FormPage } from './form-page.tsx';
import { forgetAll } from './keep/kept-here.ts';
import { LinkPage } from './link-page.tsx';
import { chosenLanguage, rememberLanguage } from './own-language.ts';
import { Main, Shell } from './shell.tsx';
import { StartPage } from './start-page.tsx';
import type { FormWords } from './words/form-words.ts';
import { loadFormWords } from './words/load-form-words.ts';

export interface AppProps {
  readonly launch: Launch | undefined;
  /** Code of a personal link's fragment; the page is that of the link where `isLink`. */
  readonly link: { readonly isLink: boolean; readonly code: string | undefined };
  readonly first: { readonly language: Language; readonly words: FormWords };
}

type Signed =
  | { readonly state: 'asking' | 'out' }
  | { readonly state: 'in'; readonly session: SessionView }
  | { readonly state: 'failed'; readonly refused: Refused };

const ZONE = 'Europe/Madrid';

/** The forms app: whose launch it is, in which language, on which page. */
export function App({ launch, link, first }: AppProps) {
  const [spoken, setSpoken] = useState(first);
  const [signed, setSigned] = useState<Signed>({ state: 'asking' });
  const session = signed.state === 'in' ? signed.session : undefined;
  const { language, words } = spoken;
  const speak = useCallback(async (wanted: Language) => {
    setSpoken({ language: wanted, words: await loadFormWords(wanted) });
  }, []);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const csrf = session?.csrf;
  const speaker = useMemo<Speaker>(() => ({ launchId: launch?.id ?? '', csrf: () => csrf }), [launch, csrf]);
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is what `asked` is for
  useEffect(() => {
    if (launch === undefined || link.isLink) return;
    readSession(launch).then((now) => {
      setSigned(now);
      const wanted = now.state === 'in' ? now.session.language?.split('-')[0] : undefined;
      if (chosenLanguage() === undefined && isLanguage(wanted) && wanted !== language) void speak(wanted);
    });
  }, [launch, link.isLink, asked]);

  const around = useMemo<Around>(
    () => ({
      speaker,
      language,
      words,
      format: formatOf(language, session?.timeZone ?? ZONE),
      say: (it) => it[language],
      base: launch?.base ?? '',
      signIn: session?.signIn,
      onLanguage: (it) => {
        rememberLanguage(it);
        void speak(it);
      },
    }),
    [speaker, language, words, session, launch, speak],
  );
  const signOut = () => void leave(speaker).finally(() => setSigned({ state: 'out' }));
  return (
    <AroundContext value={around}>
      <Shell isDemonstration={session?.demonstration} onSignOut={session === undefined ? undefined : signOut}>
        {link.isLink ? (
          <LinkPage code={link.code} />
        ) : (
          <Page signed={signed} hasLaunch={launch !== undefined} onRetry={() => setAsked((it) => it + 1)} />
        )}
      </Shell>
    </AroundContext>
  );
}

interface PageProps {
  readonly signed: Signed;
  readonly hasLaunch: boolean;
  onRetry(): void;
}

function Page({ signed, hasLaunch, onRetry }: PageProps) {
  const { base, words } = useAround();
  const place = formPlaceOf(usePath().slice(base.length));
  if (!hasLaunch) return <SignInAgain />;
  if (signed.state === 'asking') return <Loading />;
  if (signed.state === 'failed') return <Failure refused={signed.refused} onRetry={onRetry} />;
  if (signed.state === 'out') return <Main title={words.signOut}>{<p>{words.signedOut}</p>}</Main>;
  if (place.page === 'start') return <StartPage />;
  if (place.page === 'copy') return <CopyPage />;
  // Another form is another page: nothing of the one before stays.
  return <FormPage key={place.task} place={place} />;
}

async function readSession(launch: Launch): Promise<Signed> {
  try {
    const speaker = { launchId: launch.id, csrf: () => undefined };
    return { state: 'in', session: await ask<SessionView>(speaker, '/api/session') };
  } catch (error) {
    return { state: 'failed', refused: error instanceof Refused ? error : new Refused('unreadable', 0, 'unreadable') };
  }
}

/** Whatever the network says, this tab shows nothing more. */
async function leave(speaker: Speaker): Promise<void> {
  forgetAll();
  await ask(speaker, '/api/logout', { method: 'POST', body: {} }).catch(() => undefined);
}
