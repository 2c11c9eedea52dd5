import { use, useEffect, useMemo, useState } from 'react';
import type { Around } from '../../form/around.ts';
import type { FormWords } from '../../form/words/form-words.ts';
import { loadFormWords } from '../../form/words/load-form-words.ts';
import { SpeakerContext } from '../api.ts';
import { BaseContext } from '../navigation.tsx';
import { useReader } from '../reader.ts';
import { useSession } from '../session.ts';

/** What the parts of the forms’ app need to stand in this one; `undefined` until its words are there. */
export function useFormsAround(): Around | undefined {
  const { language, format, choose } = useReader();
  const speaker = use(SpeakerContext);
  const base = use(BaseContext);
  const { signIn } = useSession();
  const [words, setWords] = useState<FormWords>();
  useEffect(() => {
    let isWanted = true;
    void loadFormWords(language).then((it) => {
      if (isWanted) setWords(it);
    });
    return () => {
      isWanted = false;
    };
  }, [language]);
  return useMemo(
    () =>
      words === undefined
        ? undefined
        : { speaker, language, words, format, say: (it) => it[language], base, signIn, onLanguage: choose },
    [speaker, language, words, format, base, signIn, choose],
  );
}
