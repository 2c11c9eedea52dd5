import type { Request } from 'express';
import { rightsOf } from '../../../domain/access.ts';
import type { Right } from '../../../domain/view/session-view.ts';
import { insufficient } from '../../refusal.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Smart } from '../../smart/smart.ts';

/** The launch of somebody whose role has this right, over many patients. @throws Refusal 401, 403 */
export async function launchWith(parts: RouteParts, smart: Smart, request: Request, right: Right): Promise<Launch> {
  const launch = await smart.launches.of(request);
  const { record } = launch;
  const { access } = parts.ports.context.content;
  if (record.user.startsWith('Patient/') || !rightsOf(access, record.roles).has(right))
    throw insufficient('not-your-role', 'Your role does not open this.');
  // A launch from a chart shows that patient alone.
  if (record.patient !== undefined)
    throw insufficient('one-patient', 'This launch is for one patient: open Vincle alone for this.');
  await assertSignedIn(launch);
  return launch;
}

/** Whoever the hospital has signed out sees nothing: the token is used once. @throws Refusal 401 */
export async function assertSignedIn(launch: Launch): Promise<void> {
  const user = launch.record.practitioner ?? launch.record.user;
  const [type, id = ''] = user.split('/');
  if (type === 'Practitioner' || type === 'Patient') await launch.server.read(type, id);
}

const PAGE = 25;

/** One page of a list, from 1. */
export function pageOf<T>(all: readonly T[], asked: unknown, size = PAGE) {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const page = Math.min(pages, Math.max(1, typeof asked === 'string' ? Math.trunc(Number(asked)) || 1 : 1));
  return { rows: all.slice((page - 1) * size, page * size), total: all.length, page, pages };
}
