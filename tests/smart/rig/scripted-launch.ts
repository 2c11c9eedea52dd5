import type { Vincle } from '../../http/rig.ts';
import { type Arrived, Browser } from './browser.ts';
import type { ScriptedAuthority } from './scripted-authority.ts';

/** How a launch is begun: as the EHR’s address says it, nothing added. */
export interface Begin {
  readonly path?: '/launch' | '/launch/patient' | `/launch?role=${string}`;
  readonly launch?: string;
  readonly browser?: Browser;
}

/** Begins a launch and stops where the browser would ask the authorization server. */
export async function begun(
  { url }: Pick<Vincle, 'url'>,
  scripted: ScriptedAuthority,
  { path = '/launch', launch, browser = new Browser() }: Begin = {},
): Promise<{ readonly browser: Browser; readonly request: URL }> {
  const address = new URL(path, url);
  address.searchParams.set('iss', scripted.iss);
  if (launch !== undefined) address.searchParams.set('launch', launch);
  const arrived = await browser.go(address, (next) => next.pathname === '/authorize');
  if (arrived.url.pathname !== '/authorize') throw new Error(`not begun: ${arrived.status} ${arrived.text}`);
  return { browser, request: arrived.url };
}

/** Begins a launch, and comes back with a code as if the person had agreed. */
export async function launched(
  vincle: Pick<Vincle, 'url'>,
  scripted: ScriptedAuthority,
  begin: Begin = {},
): Promise<Arrived> {
  const { browser, request } = await begun(vincle, scripted, { launch: 'of-the-ehr', ...begin });
  scripted.nonce = request.searchParams.get('nonce') ?? '';
  return browser.go(
    `${vincle.url}/callback?${new URLSearchParams({ code: 'a-code', state: request.searchParams.get('state') ?? '' })}`,
    (next) => /^\/(app|form)\//.test(next.pathname),
  );
}

/** What a refusal says, as the one word of its reason. */
export function reasonIn({ text }: Pick<Arrived, 'text'>): string {
  const outcome = JSON.parse(text) as { issue?: { details?: { text?: string } }[] };
  return outcome.issue?.[0]?.details?.text ?? '';
}
