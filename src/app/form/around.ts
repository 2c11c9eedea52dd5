import { createContext, use } from 'react';
import type { Words } from '../../domain/protocol.ts';
import type { Speaker } from '../api/ask.ts';
import type { Format, Language } from '../format/format.ts';
import type { FormWords } from './words/form-words.ts';

/** What stands around every page: who speaks with Vincle, in which language, and how to get about. */
export interface Around {
  readonly speaker: Speaker;
  readonly language: Language;
  readonly words: FormWords;
  readonly format: Format;
  /** Content in the language of the page. */
  say(words: Words): string;
  /** Path of the launch, which every address begins with. */
  readonly base: string;
  /** Where a person signs in again, if the launch knows; else they open the page anew from where they came. */
  readonly signIn: string | undefined;
  onLanguage(language: Language): void;
}

export const AroundContext = createContext<Around | undefined>(undefined);

/** @throws Error outside of a page */
export function useAround(): Around {
  const around = use(AroundContext);
  if (around === undefined) throw new Error('no page around');
  return around;
}
