import type { Language } from '../../format/format.ts';
import type { FormWords } from './form-words.ts';

/** The words of one language; only that language is fetched. */
export async function loadFormWords(language: Language): Promise<FormWords> {
  switch (language) {
    case 'es':
      return (await import('./es.ts')).es;
    case 'ca':
      return (await import('./ca.ts')).ca;
    case 'en':
      return (await import('./en.ts')).en;
  }
}
