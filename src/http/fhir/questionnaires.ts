import type { Bundle, Questionnaire } from 'fhir/r4.js';
import type { Content } from '../../content/port.ts';
import { refusal } from '../refusal.ts';

const all = (content: Content): Questionnaire[] =>
  content.resources.filter((it): it is Questionnaire => it.resourceType === 'Questionnaire');

/** A Questionnaire as it ships: structure, keys and neutral labels; licensed wording is never in it. @throws Refusal 404 */
export function readQuestionnaire(content: Content, id: string): Questionnaire {
  const found = all(content).find((it) => it.id === id);
  if (found === undefined) throw refusal(404, 'not-found', 'not-found', 'There is no such Questionnaire here.');
  return found;
}

/** By canonical, with or without version; all of them where none is named. */
export function searchQuestionnaires(content: Content, url: string | undefined, self: string): Bundle {
  const [name, version] = (url ?? '').split('|');
  const found = all(content).filter(
    (it) => url === undefined || (it.url === name && (version === undefined || it.version === version)),
  );
  const query = url === undefined ? '' : `?url=${encodeURIComponent(url)}`;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [{ relation: 'self', url: `${self}${query}` }],
    entry: found.map((resource) => ({
      fullUrl: `${self}/${resource.id}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}
