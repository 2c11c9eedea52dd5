import { rightsOf } from '../../domain/access.ts';
import { idOf } from '../../domain/reference.ts';
import type { LaunchRecord } from './launch.ts';
import { type LaunchContext, launchedOn } from './launch-context.ts';

/** Sections of the patient’s page that an EHR may open by `intent`. */
const SECTIONS: Readonly<Record<string, string>> = {
  decide: 'needs',
  alliance: 'alliance',
  distress: 'distress',
  level: 'care',
  due: 'due',
  contact: 'contact',
};

/** Every `intent` that Vincle knows: of a clinician, and of a patient. */
export const INTENTS = { clinician: [...Object.keys(SECTIONS), 'answer'], patient: ['answer', 'copy'] } as const;

/**
 * Where the person begins: the response or the Task that the launch is about, else what its `intent` names, else the
 * forms, the chart that was open, or the list. An `intent` that is not known, or that this person’s role does not open,
 * changes nothing. The server decides again whether what is opened may be seen.
 */
export function startPage(
  { id, patient, roles, intent }: LaunchRecord,
  isPatient: boolean,
  context: LaunchContext,
  access: Parameters<typeof rightsOf>[0],
): string {
  if (isPatient) {
    const [task] = launchedOn(context, 'Task');
    if (task !== undefined) return `/form/${id}/tasks/${idOf(task)}`;
    return intent === 'copy' ? `/form/${id}/copy` : `/form/${id}/`;
  }
  const [response] = patient === undefined ? [] : launchedOn(context, 'QuestionnaireResponse');
  const page = patient === undefined ? `/app/${id}/` : `/app/${id}/patients/${idOf(patient)}`;
  if (response !== undefined) return `${page}/responses/${idOf(response)}`;
  if (intent === 'answer' && rightsOf(access, roles).has('answer')) return `/app/${id}/round`;
  const section = intent !== undefined && Object.hasOwn(SECTIONS, intent) ? SECTIONS[intent] : undefined;
  return patient === undefined || section === undefined ? page : `${page}#${section}`;
}
