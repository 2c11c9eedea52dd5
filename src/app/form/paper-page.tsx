import type { FormView } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { FormFace, FormFoot } from './form-face.tsx';
import { InnerLink } from './inner-link.tsx';
import { FormBody } from './render/form-body.tsx';
import { Main } from './shell.tsx';

/** The empty form for one sheet of paper: nobody's name is printed, it is written by hand. */
export function PaperPage({ form }: { readonly form: FormView }) {
  const { words } = useAround();
  return (
    <Main title={form.title}>
      <div className="actions">
        <button type="button" className="button main" onClick={() => print()}>
          {words.paper.print}
        </button>
        <InnerLink className="link" place={{ page: 'start' }}>
          {words.form.toStart}
        </InnerLink>
      </div>
      <p className="paperLines paperOnly">
        <span>{words.paper.name}</span>
        <span>{words.paper.record}</span>
        <span>{words.paper.date}</span>
      </p>
      <FormFace form={form} />
      <FormBody form={form.items} items={[]} language={form.language} disabled onChange={() => {}} />
      <FormFoot form={form} />
    </Main>
  );
}
