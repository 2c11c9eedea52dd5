import type { FhirResource, Questionnaire } from 'fhir/r4.js';
import type { wordsOf } from '../../content/words.ts';
import { titleOf } from '../../domain/page/response-page.ts';
import type { Words } from '../../domain/protocol.ts';

/** What a code is called in the languages of the programme; the code itself where content has no word for it. */
export function sayIn(words: ReturnType<typeof wordsOf>, system: string, code: string): Words {
  const en = words(system, code, 'en') ?? code;
  return { en, es: words(system, code, 'es') ?? en, ca: words(system, code, 'ca') ?? en };
}

/** What the forms of content are called, by the id of their instrument. */
export function formTitles(resources: readonly FhirResource[]): (instrument: string) => Words {
  const forms = resources.filter((it): it is Questionnaire => it.resourceType === 'Questionnaire');
  const titles = new Map(forms.map((it) => [it.url?.slice(it.url.lastIndexOf('/') + 1), titleOf(it)]));
  return (instrument) => titles.get(instrument) ?? { en: instrument, es: instrument, ca: instrument };
}
