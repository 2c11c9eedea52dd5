import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Launch } from '../api/launch.ts';
import { formatOf, type Language } from '../format/format.ts';
import type { AppWords } from '../words/en.ts';
import { loadWords } from '../words/load-words.ts';
import { NoLaunch } from './no-launch.tsx';
import { rememberLanguage } from './preferences.ts';
import { type Reader, ReaderContext } from './reader.ts';
import { SessionGate } from './session-gate.tsx';
import { schemeManager } from './shell/scheme.ts';
import { theme } from './theme.ts';

export interface AppProps {
  readonly client: QueryClient;
  readonly launch: Launch | undefined;
  readonly first: { readonly language: Language; readonly words: AppWords };
}

const ZONE = 'Europe/Madrid';

/** The clinician's app: who reads, in which language, in which launch. */
export function App({ launch, client, first }: AppProps) {
  const [spoken, setSpoken] = useState(first);
  const [zone, setZone] = useState(ZONE);
  const speak = useCallback(async (chosen: Language) => {
    setSpoken({ language: chosen, words: await loadWords(chosen) });
  }, []);
  const { language, words } = spoken;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const reader = useMemo<Reader>(() => {
    const choose = (chosen: Language) => {
      rememberLanguage(chosen);
      void speak(chosen);
    };
    return { language, words, format: formatOf(language, zone), choose };
  }, [language, words, zone, speak]);
  return (
    // No style is made at run time: the variables stand in files, and no rule is injected.
    <MantineProvider
      theme={theme}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <ReaderContext value={reader}>
        <QueryClientProvider client={client}>
          {launch === undefined ? <NoLaunch /> : <SessionGate launch={launch} onLanguage={speak} onZone={setZone} />}
        </QueryClientProvider>
      </ReaderContext>
    </MantineProvider>
  );
}
