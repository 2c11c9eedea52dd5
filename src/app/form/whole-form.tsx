import { go } from './address.ts';
import { useAround } from './around.ts';
import { FormFace, FormFoot } from './form-face.tsx';
import { Progress } from './progress.tsx';
import { FormBody } from './render/form-body.tsx';
import { fill } from './render/render-words.ts';
import { countOf } from './render/screens.ts';
import { SavedLine } from './saved-line.tsx';
import type { ScreenProps } from './screen-props.ts';
import { Main } from './shell.tsx';

/** The whole form on one page, for a desk. */
export function WholeForm({ form, draft, notices, onOneByOne }: ScreenProps & { onOneByOne(): void }) {
  const { words, base } = useAround();
  const { asked, answered } = countOf(form.items, draft.items);
  return (
    <Main title={form.title} hasBar>
      <FormFace form={form} />
      {notices}
      <FormBody form={form.items} items={draft.items} language={form.language} onChange={draft.change} />
      <FormFoot form={form} />
      <div className="bar">
        <Progress said={fill(words.form.progressAll, { answered, count: asked })} at={answered} of={asked}>
          <button type="button" className="link" onClick={onOneByOne}>
            {words.form.one}
          </button>
        </Progress>
        <SavedLine draft={draft} />
        <div className="actions">
          <button type="button" className="button" onClick={() => go(base, { page: 'start' })}>
            {words.form.back}
          </button>
          <button type="button" className="button main" onClick={() => go(base, { page: 'review', task: form.taskId })}>
            {words.form.toReview}
          </button>
        </div>
      </div>
    </Main>
  );
}
