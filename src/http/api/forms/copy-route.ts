import { languageOfTag } from '../../../pipeline/forms/form-words.ts';
import { patientCopy } from '../../../pipeline/forms/patient-copy.ts';
import { insufficient } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { assertAllowed, portsOf } from './answerer.ts';

/** What a patient answered, who reads it, who looked. */
export const copyRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/copy',
  summary: 'A patient’s copy: what she answered, who reads it, who looked',
  access: 'launch',
  answers: { 200: 'CopyView', 401: 'No launch', 403: 'Not a patient, or opened by a personal link' },
  produces: 'application/json',
  opens: ['QuestionnaireResponse'],
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    const { user, kind, language } = launch.record;
    if (!user.startsWith('Patient/')) throw insufficient('wrong-user', 'This is the patient’s own copy.');
    if (kind === 'link') throw insufficient('link-only-answers', 'A personal link shows no earlier answer.');
    assertAllowed(launch, { resource: 'QuestionnaireResponse', right: 'r' });
    const { accessChain: chain } = parts.options;
    const view = await patientCopy(
      portsOf(parts, launch),
      chain === undefined ? {} : { chain },
      user,
      languageOfTag(language) ?? 'es',
      parts.now.now(),
    );
    const seen = view.responses.map((it) => `QuestionnaireResponse/${it.id}`);
    await parts.record(launch, { action: 'read', resources: seen.length === 0 ? ['QuestionnaireResponse'] : seen });
    response.json(view);
  },
});
