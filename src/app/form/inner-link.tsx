import type { ReactNode } from 'react';
import { type FormPlace, formPathOf, go } from './address.ts';
import { useAround } from './around.ts';

export interface InnerLinkProps {
  readonly place: FormPlace;
  readonly className?: string;
  readonly describedBy?: string;
  readonly children: ReactNode;
}

/** A link within the app: an ordinary one to whoever opens it in a new tab. */
export function InnerLink({ place, className, describedBy, children }: InnerLinkProps) {
  const { base } = useAround();
  return (
    <a
      href={base + formPathOf(place)}
      className={className}
      aria-describedby={describedBy}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(base, place);
      }}
    >
      {children}
    </a>
  );
}
