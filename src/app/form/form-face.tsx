import type { FormView } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { fill, RENDER_WORDS } from './render/render-words.ts';

/** What a form says on its face: that another language stands in, that licensed wording is missing, that nobody validated it. */
export function FormFace({ form }: { readonly form: FormView }) {
  const { isFallback, language: shown, asked, wording, isUnvalidated } = form;
  const { words, language } = useAround();
  return (
    <>
      {(isFallback || wording === 'neutral') && (
        <div className="notice">
          {isFallback && (
            <p>
              {fill(RENDER_WORDS[language].fallback, { asked: words.languages[asked], shown: words.languages[shown] })}
            </p>
          )}
          {wording === 'neutral' && <p>{words.form.noWording}</p>}
        </div>
      )}
      {isUnvalidated === true && <p className="quietText">{words.form.unvalidated}</p>}
    </>
  );
}

/** Whose licensed words these are, as the site's own file says: stands below the questions. */
export function FormFoot({ form: { rights, wording } }: { readonly form: FormView }) {
  return wording === 'licensed' && rights !== undefined ? <p className="quietText rights">{rights}</p> : null;
}
