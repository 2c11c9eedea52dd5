import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { SessionView } from '../../domain/view/session-view.ts';
import { ask } from '../api/ask.ts';
import type { Launch } from '../api/launch.ts';
import type { Language } from '../format/format.ts';
import { hasEnded, SESSION, SpeakerContext, useRead } from './api.ts';
import { Failure } from './failure.tsx';
import { BaseContext, useNavigation, usePlace } from './navigation.tsx';
import page from './page.module.css';
import { Pages } from './pages.tsx';
import { languageFor } from './preferences.ts';
import { useWords } from './reader.ts';
import { pagesOf, SessionContext, startOf } from './session.ts';
import { Notices } from './shell/notice.tsx';
import { TopBar } from './shell/top-bar.tsx';

export interface SessionGateProps {
  readonly launch: Launch;
  onLanguage(language: Language): void;
  onZone(zone: string): void;
}

/** Nothing is shown before the session is known: whose it is, what it may open, which patient it is pinned to. */
export function SessionGate({ launch, onLanguage, onZone }: SessionGateProps) {
  const speaker = useMemo(() => ({ launchId: launch.id, csrf: () => undefined }), [launch.id]);
  return (
    <BaseContext value={launch.base}>
      <SpeakerContext value={speaker}>
        <Known launch={launch} onLanguage={onLanguage} onZone={onZone} />
      </SpeakerContext>
    </BaseContext>
  );
}

function Known({ launch, onLanguage, onZone }: SessionGateProps) {
  const words = useWords();
  const { data: session, error, refetch } = useRead<SessionView>(SESSION);
  const csrf = session?.csrf;
  const speaker = useMemo(() => ({ launchId: launch.id, csrf: () => csrf }), [launch.id, csrf]);
  const { language, timeZone } = session ?? {};
  useEffect(() => {
    if (timeZone === undefined) return;
    onZone(timeZone);
    onLanguage(languageFor(language));
  }, [language, timeZone, onLanguage, onZone]);
  if (session === undefined || hasEnded(error))
    return (
      <main className={page.page}>
        <h1 className="visually-hidden">Vincle</h1>
        {error === null ? (
          <p className="quiet">{words.common.loading}</p>
        ) : (
          <SessionContext value={session}>
            <Failure error={error} onRetry={refetch} />
          </SessionContext>
        )}
      </main>
    );
  return (
    <SpeakerContext value={speaker}>
      <SessionContext value={session}>
        <Notices>
          <Frame session={session} launch={launch} />
        </Notices>
      </SessionContext>
    </SpeakerContext>
  );
}

function Frame({ session, launch }: { readonly session: SessionView; readonly launch: Launch }) {
  const { place } = usePlace();
  const navigation = useNavigation();
  const words = useWords();
  const client = useQueryClient();
  const [isOut, setOut] = useState(false);
  const start = startOf(session);
  // A launch that has no list begins at what it is for; no step is left for the back button.
  const isLost = place.page === 'worklist' && start !== undefined && start.page !== 'worklist';
  useEffect(() => {
    if (isLost && start !== undefined) history.replaceState(null, '', navigation.address(start));
    if (isLost) dispatchEvent(new PopStateEvent('popstate'));
  }, [isLost, start, navigation]);
  const logout = async () => {
    const speaker = { launchId: launch.id, csrf: () => session.csrf };
    await ask(speaker, '/api/logout', { method: 'POST', body: {} }).catch(() => undefined);
    // Everything of the session leaves the browser's memory with the page.
    client.clear();
    setOut(true);
  };
  if (isOut)
    return (
      <main className={page.page}>
        <h1>{words.shell.loggedOut}</h1>
        <p>{words.shell.loggedOutText}</p>
        {session.signIn === undefined ? null : <a href={session.signIn}>{words.shell.signIn}</a>}
      </main>
    );
  return (
    <>
      <TopBar
        pages={pagesOf(session)}
        user={session.user.name}
        isDemonstration={session.demonstration === true}
        onLogout={logout}
      />
      {isLost ? null : <Pages />}
    </>
  );
}
