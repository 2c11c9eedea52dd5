import { noChannel } from './no-channel.ts';
import type { Notify } from './port.ts';
import type { SendingOptions } from './sending.ts';
import { smtpNotify } from './smtp-notify.ts';
import { webhookNotify } from './webhook-notify.ts';

/** The settings that say how people are reached; the configuration sees to it that they do not contradict each other. */
export interface NotifySettings {
  readonly NOTIFY_SMTP_URL: string | undefined;
  readonly NOTIFY_SMTP_FROM: string | undefined;
  readonly NOTIFY_WEBHOOK_URL: string | undefined;
  readonly NOTIFY_WEBHOOK_SECRET: string | undefined;
  readonly NOTIFY_TIMEOUT_MS: number;
  readonly NOTIFY_ATTEMPTS: number;
  readonly TIME_ZONE: string;
}

/** The channel that is configured, or the one that never delivers. */
export function openNotify(settings: NotifySettings, clock: Pick<SendingOptions, 'now' | 'pause'>): Notify {
  const options: SendingOptions = {
    timeoutMs: settings.NOTIFY_TIMEOUT_MS,
    attempts: settings.NOTIFY_ATTEMPTS,
    timeZone: settings.TIME_ZONE,
    now: clock.now,
    pause: clock.pause,
  };
  const { NOTIFY_SMTP_URL: smtp, NOTIFY_SMTP_FROM: from } = settings;
  const { NOTIFY_WEBHOOK_URL: webhook, NOTIFY_WEBHOOK_SECRET: secret } = settings;
  if (smtp !== undefined && from !== undefined) return smtpNotify({ ...options, url: smtp, from });
  if (webhook !== undefined && secret !== undefined) return webhookNotify({ ...options, url: webhook, secret });
  return noChannel;
}
