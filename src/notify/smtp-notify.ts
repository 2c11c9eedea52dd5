import nodemailer from 'nodemailer';
import type { Notice, Notify } from './port.ts';
import { type Attempt, codeOf, fieldsOf, limited, type SendingOptions, send } from './sending.ts';
import { textOf } from './texts.ts';

export interface SmtpOptions extends SendingOptions {
  /** `smtps://user:password@host:port`, or `smtp://…`: that takes STARTTLS, unless `?tls=off` or the host is this machine. */
  readonly url: string;
  /** The address that mail comes from. */
  readonly from: string;
}

/** One plain address: no display name, no list, nothing that a header could be broken with. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function connection(options: SmtpOptions) {
  const url = new URL(options.url);
  const secure = url.protocol === 'smtps:';
  const open = url.searchParams.get('tls') === 'off' || LOOPBACK.has(url.hostname);
  const { timeoutMs } = options;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // Without this a server, or somebody in between, that does not offer STARTTLS is spoken to in the clear.
    requireTLS: !secure && !open,
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** What the server said about this mail or its recipient; all else is between it and us, and may be repaired. */
const ABOUT_THE_MAIL: ReadonlySet<string> = new Set(['EENVELOPE', 'EMESSAGE']);

function failure(thrown: unknown, signal: AbortSignal): Attempt {
  if (signal.aborted) return { kind: 'unreachable', reason: codeOf(signal.reason) };
  const { responseCode: status } = fieldsOf(thrown);
  const code = codeOf(thrown);
  if (typeof status !== 'number') return { kind: 'unreachable', reason: code };
  const forGood = ABOUT_THE_MAIL.has(code) && status >= 500;
  return { kind: forGood ? 'refused' : 'unreachable', reason: `SMTP ${status}` };
}

/** Mail through the hospital’s own SMTP server: text only, `Auto-Submitted`, one recipient, the notice’s id as Message-ID. */
export function smtpNotify(options: SmtpOptions): Notify {
  const channel = 'smtp';
  const transport = nodemailer.createTransport(connection(options));
  const domain = options.from.slice(options.from.indexOf('@') + 1);

  const once = async (notice: Notice, address: string, signal: AbortSignal): Promise<Attempt> => {
    const { subject, body } = textOf(notice, options.timeZone);
    try {
      await transport.sendMail({
        envelope: { from: options.from, to: [address] },
        from: { name: '', address: options.from },
        to: { name: '', address },
        messageId: `<${notice.id}@${domain}>`,
        date: new Date(options.now()),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        subject,
        text: body,
        signal,
      });
      return { kind: 'delivered' };
    } catch (thrown) {
      return failure(thrown, signal);
    }
  };

  return {
    channel,
    send: async (notice, signal) => {
      // A code goes to the telephone: a mailbox is not the second thing that a person has.
      if (notice.kind === 'one-time-code') return { kind: 'refused', channel, reason: 'a code is not sent by e-mail' };
      const { email } = notice.to;
      if (email === undefined || !ADDRESS.test(email))
        return { kind: 'refused', channel, reason: 'there is no usable e-mail address' };
      return send(channel, notice, (it) => once(notice, email, it), options, signal);
    },
    check: async () => {
      const signal = limited(options.timeoutMs, undefined);
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      try {
        await Promise.race([transport.verify(), stopped]);
        return { ok: true };
      } catch (thrown) {
        const ended = failure(thrown, signal);
        return { ok: false, reason: ended.kind === 'delivered' ? '' : ended.reason };
      }
    },
  };
}
