import { createHmac } from 'node:crypto';
import type { Notice, Notify } from './port.ts';
import { type Attempt, codeOf, limited, type SendingOptions, send } from './sending.ts';
import { textOf } from './texts.ts';

export interface WebhookOptions extends SendingOptions {
  readonly url: string;
  /** Shared with the receiver; `whsec_` and base64 is read as the bytes, anything else as text. */
  readonly secret: string;
}

const PREFIX = 'whsec_';
const keyOf = (secret: string): Buffer =>
  secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret, 'utf8');

/**
 * The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, after `v1,`. `timestamp` in seconds
 * since 1970. A receiver compares in constant time, refuses a timestamp more than five minutes away, and drops an id
 * that it has seen.
 */
export const signature = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

/** What the receiver is told. It knows people by reference; addresses stay with it. */
function bodyOf(notice: Notice, timeZone: string): string {
  const { id, kind, to, link, respondBy, code } = notice;
  const { subject, body } = textOf(notice, timeZone);
  return JSON.stringify({
    type: `vincle.${kind}`,
    id,
    data: { to: to.reference, language: to.language, subject, text: body, link, respondBy, code, phone: to.phone },
  });
}

/** Later it may be taken: too many, too early, or the receiver’s own trouble. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

function outcome(status: number): Attempt {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  return { kind: PASSING.has(status) || status >= 500 ? 'unreachable' : 'refused', reason: `HTTP ${status}` };
}

/** A signed POST to a receiver of the hospital’s, by Standard Webhooks. Redirects are not followed. */
export function webhookNotify(options: WebhookOptions): Notify {
  const channel = 'webhook';

  const once = async (notice: Notice, signal: AbortSignal): Promise<Attempt> => {
    const body = bodyOf(notice, options.timeZone);
    const timestamp = Math.floor(options.now() / 1000);
    try {
      const answer = await fetch(options.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'webhook-id': notice.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signature(options.secret, notice.id, timestamp, body),
        },
        body,
        signal,
      });
      await answer.body?.cancel();
      return outcome(answer.status);
    } catch (thrown) {
      return { kind: 'unreachable', reason: signal.aborted ? codeOf(signal.reason) : codeOf(thrown) };
    }
  };

  return {
    channel,
    send: (notice, signal) => send(channel, notice, (it) => once(notice, it), options, signal),
    check: async () => {
      const signal = limited(options.timeoutMs, undefined);
      try {
        // Any answer but the receiver’s own trouble says that it stands there; nobody is told anything.
        const answer = await fetch(options.url, { method: 'HEAD', redirect: 'manual', signal });
        await answer.body?.cancel();
        return answer.status >= 500 ? { ok: false, reason: `HTTP ${answer.status}` } : { ok: true };
      } catch (thrown) {
        return { ok: false, reason: signal.aborted ? codeOf(signal.reason) : codeOf(thrown) };
      }
    },
  };
}
