import type { Saved } from '../../../pipeline/forms/save-answers.ts';
import type { Processed } from '../../../pipeline/process-response.ts';
import { Refusal } from '../../refusal.ts';

/** A refusal that carries the site’s crisis text too. */
export const withCrisis = (refusal: Refusal, crisis: NonNullable<Saved['crisis']>): Refusal =>
  new Refusal(
    refusal.status,
    [
      ...refusal.issues,
      ...Object.values(crisis.text).map((diagnostics) => ({
        severity: 'information' as const,
        code: 'informational' as const,
        reason: 'crisis',
        diagnostics,
      })),
    ],
    refusal.headers,
  );

const STATUS: Readonly<Record<Exclude<Processed['kind'], 'stored' | 'kept'>, number>> = {
  invalid: 422,
  forbidden: 403,
  outside: 403,
  duplicate: 409,
  busy: 503,
};

/** Why answers were not stored. */
export function refused(processed: Processed, crisis: Saved['crisis']): Refusal {
  const { kind, issues } = processed;
  const status = kind === 'stored' || kind === 'kept' ? 503 : STATUS[kind];
  const plain = new Refusal(status, issues, status === 503 ? { 'Retry-After': '2' } : {});
  return crisis === undefined ? plain : withCrisis(plain, crisis);
}
