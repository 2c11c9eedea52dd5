import type { QuestionnaireResponse } from 'fhir/r4.js';
import { LRUCache } from 'lru-cache';
import type { Content, Form } from '../content/port.ts';
import type { Issue } from '../domain/outcome.ts';
import { questionnaireByUrl } from '../domain/queries.ts';
import type { FhirServer } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';
import type { Forms } from './read-ratings.ts';

type Bound =
  | { readonly kind: 'known'; readonly form: Form }
  | { readonly kind: 'unreadable'; readonly issues: readonly Issue[] };

/** The forms met so far, other publishers' Questionnaires among them, fetched once from the hospital's server. */
export class FormLibrary {
  readonly #server: FhirServer;
  readonly #content: Content;
  readonly #bound = new LRUCache<string, Bound>({ max: 200 });

  constructor(server: FhirServer, content: Content) {
    this.#server = server;
    this.#content = content;
  }

  /** Fetches and binds the Questionnaires that these responses need before they can be read. */
  async learn(responses: readonly QuestionnaireResponse[]): Promise<void> {
    for (const canonical of new Set(responses.map((it) => it.questionnaire))) {
      const resolved = this.#content.resolve(canonical);
      if (resolved.kind !== 'needs-questionnaire' || this.#bound.has(resolved.canonical)) continue;
      const [url = '', version] = resolved.canonical.split('|');
      const [page] = await ask(this.#server, [questionnaireByUrl(url)]);
      const found = resourcesOf(page, 'Questionnaire');
      const questionnaire =
        found.find((it) => it.version === version) ?? (version === undefined ? found.at(-1) : undefined);
      if (questionnaire === undefined) continue;
      const form = this.#content.bind(questionnaire, resolved.instrument);
      this.#bound.set(
        resolved.canonical,
        'validate' in form ? { kind: 'known', form } : { kind: 'unreadable', issues: form },
      );
    }
  }

  /** The form behind a response's `questionnaire`, as far as it was learned. */
  readonly resolve: Forms = (questionnaire) => {
    const resolved = this.#content.resolve(questionnaire);
    if (resolved.kind !== 'needs-questionnaire') return resolved;
    const bound = this.#bound.get(resolved.canonical);
    if (bound === undefined) return resolved;
    return bound.kind === 'known' ? { ...bound, instrument: resolved.instrument } : bound;
  };
}
