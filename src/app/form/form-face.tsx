import type { FormView } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { fill, RENDER_WORDS } from './render/render-words.ts';

/** What a form says on its face: that another language stands in, or that the licensed wording is not set up here. */
export function FormFace({ form: { isFallback, language: shown, asked, wording } }: { readonly form: FormView }) {
  const { words, language } = useAround();
  if (!isFallback && wording !== 'neutral') return null;
  return (
    <div className="notice">
      {isFallback && (
        <p>{fill(RENDER_WORDS[language].fallback, { asked: words.languages[asked], shown: words.languages[shown] })}</p>
      )}
      {wording === 'neutral' && <p>{words.form.noWording}</p>}
    </div>
  );
}
