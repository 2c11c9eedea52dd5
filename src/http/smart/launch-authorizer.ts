import { idOf, typeOf } from '../../domain/reference.ts';
import type { Authorize } from '../authorize.ts';
import { insufficient } from '../refusal.ts';
import { CREATE_RESPONSE } from '../token-caller.ts';
import type { Smart } from './smart.ts';

/** The caller of a launch, whose grant reaches this far, and whom the hospital still lets in: its token is used once. */
export const launchAuthorizer =
  ({ launches }: Smart): Authorize =>
  async (request, needed = CREATE_RESPONSE) => {
    const launch = await launches.of(request);
    if (launch.record.kind === 'link')
      throw insufficient('link-only-answers', 'A personal link opens the forms that it names, and nothing else.');
    if (!launch.allows(needed))
      throw insufficient('insufficient-scope', `The hospital’s grant does not reach ${needed.resource}.`);
    const { user } = launch.record;
    const type = typeOf(user);
    if (type === 'Patient' || type === 'Practitioner' || type === 'PractitionerRole')
      await launch.server.read(type, idOf(user));
    return launch.caller;
  };
