import { type AccessPolicy, rightsOf } from '../../domain/access.ts';
import { idOf, typeOf } from '../../domain/reference.ts';
import type { Authorize } from '../authorize.ts';
import { insufficient } from '../refusal.ts';
import { CREATE_RESPONSE } from '../token-caller.ts';
import { rightAsked } from './asked-right.ts';
import type { Launch } from './launch.ts';
import type { Smart } from './smart.ts';

/** The caller of a launch, whose grant reaches this far, and whom the hospital still lets in: its token is used once. */
export const launchAuthorizer =
  ({ launches }: Smart, access: AccessPolicy): Authorize =>
  async (request, needed = CREATE_RESPONSE) => {
    const launch = await launches.of(request);
    const right = rightAsked(request);
    if (right !== undefined && !rightsOf(access, launch.record.roles).has(right))
      throw insufficient('no-right', 'Your role at this hospital does not allow this.');
    if (launch.record.kind === 'link')
      throw insufficient('link-only-answers', 'A personal link opens the forms that it names, and nothing else.');
    if (!launch.allows(needed))
      throw insufficient('insufficient-scope', `The hospital’s grant does not reach ${needed.resource}.`);
    await assertSignedIn(launch);
    return launch.caller;
  };

/** Whoever the hospital has signed out sees nothing: something that the grant reaches is read. @throws Refusal 401, 403 */
async function assertSignedIn({ record, server, allows }: Launch): Promise<void> {
  for (const reference of [record.user, record.practitioner, record.patient]) {
    const type = reference === undefined ? undefined : typeOf(reference);
    if (reference === undefined || !isRead(type) || !allows({ resource: type, right: 'r' })) continue;
    await server.read(type, idOf(reference));
    return;
  }
  throw insufficient('insufficient-scope', 'The hospital’s grant lets the app read neither you nor the patient.');
}

const READ = ['Patient', 'Practitioner', 'PractitionerRole'] as const;
const isRead = (type: string | undefined): type is (typeof READ)[number] => READ.some((it) => it === type);
