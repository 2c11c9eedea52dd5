import type { ReactNode } from 'react';
import type { FormView } from '../../domain/view/form-view.ts';
import type { Draft } from './keep/use-draft.ts';

/** What the screens of one form share. */
export interface ScreenProps {
  readonly form: FormView;
  readonly draft: Draft;
  /** What must be said on every screen: crisis text, a conflict, an ended session. */
  readonly notices: ReactNode;
}
