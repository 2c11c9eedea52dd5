import { rightsOf } from '../../../domain/access.ts';
import type { Right } from '../../../domain/view/session-view.ts';
import type { Reader } from '../../../pipeline/clinic/reader.ts';
import { insufficient } from '../../refusal.ts';
import type { Launch } from '../../smart/launch.ts';

/** @throws Refusal 403 where the launch is for another patient */
export function assertPinned({ record }: Launch, patient: string): void {
  if (record.patient !== undefined && record.patient !== patient)
    throw insufficient('not-your-patient', 'This launch is for another patient.');
}

/** The reader of a launch. @throws Refusal 403 where it is a patient, or a role without this right */
export function readerOf(launch: Launch, access: Parameters<typeof rightsOf>[0], right: Right): Reader {
  const { practitioner, roles } = launch.record;
  if (practitioner === undefined) throw insufficient('wrong-user', 'This page is for clinicians.');
  if (!rightsOf(access, roles).has(right))
    throw insufficient('no-right', 'Your role at this hospital does not open this page.');
  return { practitioner, roles, mayWrite: (resource, kind) => launch.allows({ resource, right: kind }) };
}
