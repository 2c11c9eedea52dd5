import { isLanguage, LANGUAGES, type Language } from '../format/format.ts';

const LANGUAGE = 'vincle-language';

/** What this browser remembers; nothing of a patient. A frame of another site may refuse to remember anything. */
const remembered = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE, language);
  } catch {
    // Not remembered: the next page asks the session again.
  }
}

/** The language a person chose here, else the session's, else the browser's, else English. */
export function languageFor(session: string | undefined): Language {
  const asked = [remembered(LANGUAGE), session, ...navigator.languages];
  return asked.map((it) => it?.toLowerCase().split('-')[0]).find(isLanguage) ?? LANGUAGES[2] ?? 'en';
}
