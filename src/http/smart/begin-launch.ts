import type { Request, Response } from 'express';
import { type AccessPolicy, rightsOf } from '../../domain/access.ts';
import { refusal } from '../refusal.ts';
import type { Authorization } from './authorization.ts';
import type { PendingLaunches } from './pending.ts';
import { type LaunchAs, scopesFor } from './scopes.ts';

/** What both ends of a launch work with. */
export interface LaunchParts {
  /** The registered server of an `iss`. */
  readonly authorizationOf: (iss: string) => Authorization | undefined;
  readonly onlyIss: string | undefined;
  readonly pending: PendingLaunches;
}

const one = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
/** Longer than any launch that a server hands out. */
const LONGEST = 2_000;

/**
 * EHR launch where the EHR sends `iss` and `launch`, standalone launch where nobody sends `launch`. The `iss` must be on
 * the site’s list, and `launch` goes back exactly as it came. A `role` narrows the scopes that are asked for, and nothing
 * else: what a person may do and see is told by the roles that person holds. @throws Refusal 400, 403
 */
export async function beginLaunch(
  { access, authorizationOf, onlyIss, pending }: LaunchParts & { readonly access: AccessPolicy },
  as: LaunchAs,
  request: Request,
  response: Response,
): Promise<void> {
  const { query } = request;
  const launch = one(query.launch);
  if (query.launch !== undefined && (launch === undefined || launch.length > LONGEST))
    throw refusal(400, 'invalid', 'launch-parameter', 'The launch parameter cannot be read.');
  const iss = one(query.iss) ?? (launch === undefined ? onlyIss : undefined);
  if (iss === undefined) throw refusal(400, 'required', 'iss-missing', 'The launch does not say from which server.');
  const authorization = authorizationOf(iss);
  if (authorization === undefined)
    throw refusal(403, 'forbidden', 'unknown-iss', 'Vincle is not registered for the server of this launch.');
  const role = as === 'clinician' ? one(query.role) : undefined;
  if (role !== undefined && !access.roles.has(role))
    throw refusal(400, 'invalid', 'unknown-role', 'The launch names a role that nobody can hold here.');
  const kind = launch === undefined ? 'standalone' : 'ehr';
  const scopes = scopesFor(as, kind, role === undefined ? undefined : rightsOf(access, [role]));
  const { url, asked } = await authorization.begin(scopes, launch);
  const remembered = { iss: authorization.registration.iss, as, kind, asked } as const;
  await pending.remember({ ...remembered, ...(role === undefined ? {} : { role }) }, request, response);
  response.redirect(303, url.href);
}
