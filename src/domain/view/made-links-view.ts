import type { DueForm } from './form-view.ts';

/** A personal link that was given out. Its code is nowhere kept. */
export interface MadeLinkView {
  readonly id: string;
  /** Ids of the Tasks whose forms it opens. */
  readonly tasks: readonly string[];
  /** Instants. */
  readonly madeAt: string;
  readonly expiresAt: string;
  /** `open`: worth something. `over`: used, taken back, or given up after five wrong codes. */
  readonly state: 'open' | 'over';
  /** Of an open one. */
  readonly triesLeft?: number;
}

/** `GET /api/patients/:id/links`: what may be sent to one patient by a personal link, and what was, the latest first. */
export interface MadeLinksView {
  readonly patient: { readonly id: string; readonly name?: string };
  /** Whether the record has a telephone to which the one-time code can go. */
  readonly hasPhone: boolean;
  readonly forms: readonly DueForm[];
  readonly links: readonly MadeLinkView[];
}

/** `POST /api/patients/:id/links`: the address, told once. */
export interface LinkMade {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: string;
}
