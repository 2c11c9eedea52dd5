import type { wordsOf } from '../../content/words.ts';
import type { Words } from '../../domain/protocol.ts';

/** What a code is called in the languages of the programme; the code itself where content has no word for it. */
export function sayIn(words: ReturnType<typeof wordsOf>, system: string, code: string): Words {
  const en = words(system, code, 'en') ?? code;
  return { en, es: words(system, code, 'es') ?? en, ca: words(system, code, 'ca') ?? en };
}
