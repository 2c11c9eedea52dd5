import type { ReactNode } from 'react';

/** How far one is, in words; the bar says the same to the eye. */
export function Progress({ said, at, of, children }: { said: string; at: number; of: number; children?: ReactNode }) {
  return (
    <div className="progress">
      <div className="progressLine">
        <span>{said}</span>
        {children}
      </div>
      <progress max={Math.max(1, of)} value={at} aria-hidden="true" />
    </div>
  );
}
