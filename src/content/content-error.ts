import type { Issue } from '../domain/outcome.ts';

/** Content that contradicts itself: the product does not start on it. Every fault is listed, with its file and place. */
export class ContentError extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`Content is refused:\n${issues.map((it) => `- ${it.expression ?? ''}: ${it.diagnostics}`).join('\n')}`);
    this.name = 'ContentError';
    this.issues = issues;
  }
}

/** A fault of content: `file` and the `place` in it, a stable word, and a sentence. */
export const fault = (file: string, place: string, reason: string, diagnostics: string): Issue => ({
  severity: 'error',
  code: 'invalid',
  reason,
  diagnostics,
  expression: place === '' ? file : `${file}#${place}`,
});
