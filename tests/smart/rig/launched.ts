import type { SessionView } from '../../../src/domain/view/session-view.ts';
import type { Chosen } from '../authority/start-authority.ts';
import { type Arrived, Browser } from './browser.ts';
import type { Hospital } from './hospital.ts';

/** A tab in which a launch stands. */
export interface Tab {
  readonly browser: Browser;
  readonly arrived: Arrived;
  readonly launch: string;
  /** A request of the page to Vincle, with the launch’s header and, where the session is known, its CSRF token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  session(): Promise<SessionView>;
}

export const reasonOf = async (answer: Response): Promise<string> => {
  const body = (await answer.json()) as { issue?: { details?: { text?: string } }[] };
  return body.issue?.[0]?.details?.text ?? '';
};

/** Opens the app from the EHR, in a new browser or in one that is open. */
export async function launchFromEhr(
  { authority, port }: Hospital,
  chosen: Chosen,
  browser = new Browser(),
): Promise<Tab> {
  const origin = `http://127.0.0.1:${port}`;
  const isPatient = chosen.person.startsWith('patient');
  const address = new URL(authority.launchUrl(origin, chosen));
  if (isPatient) address.pathname = '/launch/patient';
  return tabOf(origin, browser, await browser.go(address, isPage));
}

/** Opens the app alone; who signs in is what the authority is told. */
export async function launchAlone(
  { authority, port }: Hospital,
  chosen: Chosen,
  browser = new Browser(),
): Promise<Tab> {
  const origin = `http://127.0.0.1:${port}`;
  const path = chosen.person.startsWith('patient') ? '/launch/patient' : '/launch';
  authority.standalone = chosen;
  try {
    return tabOf(
      origin,
      browser,
      await browser.go(`${origin}${path}?iss=${encodeURIComponent(authority.iss)}`, isPage),
    );
  } finally {
    authority.standalone = undefined;
  }
}

const isPage = (url: URL): boolean => /^\/(app|form)\//.test(url.pathname);

export function tabOf(origin: string, browser: Browser, arrived: Arrived): Tab {
  if (!isPage(arrived.url)) throw new Error(`not launched: ${arrived.status} ${arrived.text}`);
  const launch = arrived.url.pathname.split('/')[2] ?? '';
  let csrf: string | undefined;
  const ask: Tab['ask'] = (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('vincle-launch', launch);
    headers.set('content-type', 'application/json');
    if (csrf !== undefined && !headers.has('vincle-csrf')) headers.set('vincle-csrf', csrf);
    return browser.ask(`${origin}${path}`, { ...init, headers });
  };
  return {
    browser,
    arrived,
    launch,
    ask,
    session: async () => {
      const answer = await ask('/api/session');
      if (answer.status !== 200) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
      const view = (await answer.json()) as SessionView;
      csrf = view.csrf;
      return view;
    },
  };
}
