import '../tokens/tokens.css';
import './form.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { launchOf } from '../api/launch.ts';
import { App } from './app.tsx';
import { firstLanguage } from './own-language.ts';
import { loadFormWords } from './words/load-form-words.ts';

const LINK = '/form/link';

/** The code of a personal link leaves the address at once: it is in no history and in no referrer. */
function takeLinkCode(): string | undefined {
  const code = location.hash.slice(1);
  if (code !== '') history.replaceState(null, '', LINK);
  return code === '' ? undefined : code;
}

/** As the device has it, and as it changes. */
function followScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    document.documentElement.dataset.mantineColorScheme = dark.matches ? 'dark' : 'light';
  };
  dark.addEventListener('change', apply);
  apply();
}

const root = document.getElementById('root');
if (root !== null) {
  followScheme();
  const isLink = location.pathname.replace(/\/$/, '') === LINK;
  const link = { isLink, code: isLink ? takeLinkCode() : undefined };
  const language = firstLanguage();
  const words = await loadFormWords(language);
  createRoot(root).render(
    <StrictMode>
      <App launch={isLink ? undefined : launchOf(location.pathname)} link={link} first={{ language, words }} />
    </StrictMode>,
  );
}
