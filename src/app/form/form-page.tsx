import type { FormView } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { Failure, Loading } from './failure.tsx';
import { Filling } from './filling.tsx';
import { PaperPage } from './paper-page.tsx';
import type { TaskPlace } from './task-place.ts';
import { useLoaded } from './use-loaded.ts';

/** One form, on whichever of its screens. It is loaded once in a language; the answers outlive a change of language. */
export function FormPage({ place }: { readonly place: TaskPlace }) {
  const { language } = useAround();
  const { loaded, again } = useLoaded<FormView>(`/api/forms/${encodeURIComponent(place.task)}?language=${language}`);
  if (loaded.state === 'loading') return <Loading />;
  if (loaded.state === 'failed') return <Failure refused={loaded.refused} onRetry={again} />;
  if (place.page === 'paper') return <PaperPage form={loaded.value} />;
  return <Filling form={loaded.value} place={place} />;
}
