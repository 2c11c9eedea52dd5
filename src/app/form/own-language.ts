import { isLanguage, type Language } from '../format/format.ts';

const KEY = 'vincle-language';

/** The language a person chose on this device before. A frame of another site may refuse to remember anything. */
export function chosenLanguage(): Language | undefined {
  try {
    const chosen = localStorage.getItem(KEY);
    return isLanguage(chosen) ? chosen : undefined;
  } catch {
    return undefined;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Not remembered: the next page asks the session again.
  }
}

/** The language chosen here, else the browser's, else Spanish. */
export const firstLanguage = (): Language =>
  chosenLanguage() ?? navigator.languages.map((it) => it.toLowerCase().split('-')[0]).find(isLanguage) ?? 'es';
