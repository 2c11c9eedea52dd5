import type { Delivery, Notice, Notify } from './port.ts';

/** What every channel has in common. */
export interface SendingOptions {
  /** Milliseconds that one try may take in all. */
  readonly timeoutMs: number;
  /** Tries in all; only what may pass is tried again. */
  readonly attempts: number;
  /** Zone in which days and times are written. */
  readonly timeZone: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** How one try ended; `reason` holds codes only, because what a server says may quote an address. */
export type Attempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused' | 'unreachable'; readonly reason: string };

/** Whoever asked to stop, or the time, whichever comes first. */
export const limited = (timeoutMs: number, signal: AbortSignal | undefined): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);

const FIRST_WAIT_MS = 500;

/** Why a notice cannot be sent by any channel; `undefined` where it can. */
function unsendable({ id, link }: Notice): string | undefined {
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return 'the notice’s id cannot be used';
  if (link !== undefined && !isPlainAddress(link)) return 'the link is no web address';
  return undefined;
}

function isPlainAddress(link: string): boolean {
  if (!/^https?:\/\/[!-~]+$/.test(link)) return false;
  const url = URL.parse(link);
  return url !== null && url.username === '' && url.password === '';
}

/** Sends by `once`, again where it may pass and the bound allows. Never throws. */
export async function send(
  channel: Notify['channel'],
  notice: Notice,
  once: (signal: AbortSignal) => Promise<Attempt>,
  options: SendingOptions,
  signal: AbortSignal | undefined,
): Promise<Delivery> {
  const problem = unsendable(notice);
  if (problem !== undefined) return { kind: 'refused', channel, reason: problem };
  for (let attempt = 1; ; attempt += 1) {
    if (signal?.aborted) return { kind: 'unreachable', channel, reason: 'stopped' };
    const ended = await once(limited(options.timeoutMs, signal));
    if (ended.kind === 'delivered') return { kind: 'delivered', channel, at: new Date(options.now()).toISOString() };
    if (ended.kind === 'refused' || attempt >= options.attempts || signal?.aborted) return { channel, ...ended };
    await options.pause(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }
}

type Fields = Readonly<Partial<Record<string, unknown>>>;

/** What was thrown, to be looked into whatever class it is of. */
export const fieldsOf = (thrown: unknown): Fields =>
  typeof thrown === 'object' && thrown !== null ? (thrown as Fields) : {};

/** The code of whatever a library threw, never its message. */
export function codeOf(thrown: unknown): string {
  const { name, code, cause } = fieldsOf(thrown);
  if (name === 'TimeoutError') return 'timeout';
  if (name === 'AbortError') return 'stopped';
  if (typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code)) return code;
  return cause === undefined ? 'unknown' : codeOf(cause);
}
