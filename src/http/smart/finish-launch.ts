import type { Request, Response } from 'express';
import { heldTogether } from '../../domain/access.ts';
import { literal, typeOf } from '../../domain/reference.ts';
import type { PersonOfLaunch } from '../../pipeline/person-of-launch.ts';
import { insufficient, refusal } from '../refusal.ts';
import type { Granted } from './authorization.ts';
import type { LaunchParts } from './begin-launch.ts';
import type { LaunchRecord } from './launch.ts';
import { type LaunchContext, launchContextOf } from './launch-context.ts';
import type { Launches } from './launches.ts';
import { startPage } from './start-page.ts';

export interface FinishParts extends LaunchParts {
  readonly launches: Launches;
  /** Who a `fhirUser` is, and which roles that person holds, as the hospital’s record says. */
  readonly personOf: (user: string) => Promise<PersonOfLaunch | undefined>;
  readonly now: () => number;
  readonly access: Parameters<typeof heldTogether>[0];
}

/**
 * The browser comes back: the state must be one that this browser began with, the code is exchanged, the id_token
 * checked, and the launch context becomes a session of its own. @throws Refusal 400, 401, 403, 502, 503
 */
export async function finishLaunch(parts: FinishParts, request: Request, response: Response): Promise<void> {
  const { state } = request.query;
  const pending = typeof state === 'string' ? await parts.pending.take(state, request) : undefined;
  if (pending === undefined)
    throw refusal(400, 'security', 'unknown-state', 'This browser did not begin this launch, or began it long ago.');
  const authorization = parts.authorizationOf(pending.iss);
  if (authorization === undefined) throw refusal(403, 'forbidden', 'unknown-iss', 'Vincle is not registered there.');
  const callback = new URL(request.originalUrl, 'https://callback.invalid');
  const granted = await authorization.finish(callback, pending.asked);
  const user = userOf(granted, pending.iss);
  const context = launchContextOf(granted.context, pending.iss);
  const { patient } = context;
  const person = await parts.personOf(user);
  if (person === undefined) throw insufficient('unknown-user', 'The hospital’s record does not know who you are.');
  const both = heldTogether(parts.access, person.roles);
  if (both !== undefined)
    throw insufficient('roles-apart', `One person may not be both ${both[0]} and ${both[1]}: nothing is opened.`);
  if (pending.kind === 'ehr' && pending.as === 'clinician' && patient === undefined)
    throw insufficient('no-patient', 'The launch from a chart does not say of which patient.');
  const isPatient = typeOf(user) === 'Patient';
  if (isPatient !== (pending.as === 'patient'))
    throw insufficient('wrong-user', isPatient ? 'This page is for clinicians.' : 'This page is for patients.');
  if (isPatient && patient !== undefined && patient !== user)
    throw insufficient('wrong-patient', 'The launch is for somebody else’s record.');
  const record = await parts.launches.begin(
    recordOf(pending.iss, pending.kind, granted, {
      user,
      patient: isPatient ? user : patient,
      context,
      person,
      now: parts.now(),
      askedFor: pending.role,
    }),
    response,
  );
  response.redirect(303, startPage(record, isPatient, context, parts.access));
}

interface Who {
  readonly user: string;
  readonly patient: string | undefined;
  readonly context: LaunchContext;
  readonly person: PersonOfLaunch;
  readonly now: number;
  readonly askedFor: string | undefined;
}

function recordOf(
  iss: string,
  kind: LaunchRecord['kind'],
  granted: Granted,
  { user, patient, context, person, now, askedFor }: Who,
): Parameters<Launches['begin']>[0] {
  const { name, language, practitioner } = person;
  return {
    iss,
    kind,
    user,
    roles: person.roles,
    scope: granted.scope,
    accessToken: granted.accessToken,
    ...(askedFor === undefined ? {} : { askedFor }),
    needPatientBanner: context.needPatientBanner,
    ...(context.encounter === undefined ? {} : { encounter: context.encounter }),
    ...(context.intent === undefined ? {} : { intent: context.intent }),
    ...(context.fhirContext.length === 0 ? {} : { about: context.fhirContext }),
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(name === undefined ? {} : { name }),
    ...(language === undefined ? {} : { language }),
    ...(patient === undefined ? {} : { patient }),
    ...(granted.refreshToken === undefined ? {} : { refreshToken: granted.refreshToken }),
    ...(granted.expiresIn === undefined ? {} : { accessExpiresAt: now + granted.expiresIn * 1000 }),
  };
}

function userOf({ fhirUser }: Granted, iss: string): string {
  const user = fhirUser === undefined ? undefined : literal({ reference: fhirUser }, iss);
  if (user === undefined || !['Patient', 'Practitioner', 'PractitionerRole'].includes(typeOf(user)))
    throw insufficient('no-user', 'The hospital did not say who you are.');
  return user;
}
