import { idOf } from '../../../domain/reference.ts';
import type { Answerer } from '../../../pipeline/forms/form-tasks.ts';
import type { FormsPorts } from '../../../pipeline/forms/forms-ports.ts';
import type { NotOpened } from '../../../pipeline/forms/open-form.ts';
import { insufficient, type Refusal, refusal } from '../../refusal.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Needed } from '../../token-caller.ts';

/** Who answers in this launch. */
export const answererOf = ({ record }: Launch): Answerer => ({
  user: record.practitioner ?? record.user,
  launch: record.id,
  isLink: record.kind === 'link',
  ...(record.patient === undefined || record.user.startsWith('Patient/') ? {} : { patient: record.patient }),
  ...(record.tasks === undefined ? {} : { tasks: record.tasks }),
});

/** The ports with the server as the person of the launch may read it. */
export const portsOf = ({ ports }: RouteParts, launch: Launch): FormsPorts => ({ ...ports, asPerson: launch.server });

/** @throws Refusal 403 where the hospital’s grant does not reach this far */
export function assertAllowed(launch: Launch, ...needed: readonly Needed[]): void {
  for (const it of needed)
    if (!launch.allows(it))
      throw insufficient('insufficient-scope', `The hospital’s grant does not reach ${it.resource}.`);
}

export const refusalOf = (why: NotOpened): Refusal => {
  switch (why.kind) {
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'There is no such form for you.');
    case 'answered':
      return refusal(409, 'conflict', 'already-answered', 'It was answered already.');
    case 'closed':
      return refusal(410, 'deleted', 'form-closed', 'Nobody is asked this now.');
    case 'unknown-form':
      return refusal(404, 'not-found', 'unknown-questionnaire', 'The hospital’s server does not hold this form.');
    case 'unsupported':
      return refusal(
        422,
        'not-supported',
        'unsupported-items',
        `These items are of kinds that are not shown here: ${why.linkIds.slice(0, 20).join(', ')}.`,
      );
    case 'safety-items-not-offered':
      return refusal(404, 'not-supported', 'safety-items-not-offered', 'Here nobody would see the answer in time.');
  }
};

/** The id of a launch’s patient, where it is for one. */
export const patientIdOf = ({ record }: Launch): string | undefined =>
  record.patient === undefined ? undefined : idOf(record.patient);
