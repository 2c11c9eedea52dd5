import './styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { launchOf } from '../api/launch.ts';
import { loadWords } from '../words/load-words.ts';
import { queryClient, sessionOf } from './api.ts';
import { App } from './app.tsx';
import { languageFor } from './preferences.ts';
import { presentScheme } from './shell/scheme.ts';

// Before anything is painted, so that a dark room stays dark.
document.documentElement.dataset.mantineColorScheme = presentScheme();

const root = document.getElementById('root');
if (root !== null) {
  const launch = launchOf(location.pathname);
  const client = queryClient();
  // Whose launch it is is asked for while the words are on their way.
  if (launch !== undefined) void client.prefetchQuery(sessionOf({ launchId: launch.id, csrf: () => undefined }));
  const language = languageFor(undefined);
  const words = await loadWords(language);
  createRoot(root).render(
    <StrictMode>
      <App launch={launch} client={client} first={{ language, words }} />
    </StrictMode>,
  );
}
