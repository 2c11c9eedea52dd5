import { createContext, use } from 'react';
import type { Words } from '../../domain/protocol.ts';
import type { Format, Language } from '../format/format.ts';
import type { AppWords } from '../words/en.ts';

/** Who reads: in which language, with which words, dates and numbers. */
export interface Reader {
  readonly language: Language;
  readonly words: AppWords;
  readonly format: Format;
  choose(language: Language): void;
}

export const ReaderContext = createContext<Reader | undefined>(undefined);

/** @throws Error outside of a page */
export function useReader(): Reader {
  const reader = use(ReaderContext);
  if (reader === undefined) throw new Error('no reader');
  return reader;
}

export const useWords = (): AppWords => useReader().words;
export const useFormat = (): Format => useReader().format;

/** Says what content says, in the reader's language. */
export function useSay(): (words: Words) => string {
  const { language } = useReader();
  return (words) => words[language];
}
