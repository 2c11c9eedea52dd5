import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config.ts';
import { openNotify } from '../../src/notify/open.ts';
import { NOTICE } from './notify-contract.ts';

const clock = { now: Date.now, pause: async () => {} };
const SECRET = 'a'.repeat(32);
const SMTP = { NOTIFY_SMTP_URL: 'smtps://user:secret@mail.example', NOTIFY_SMTP_FROM: 'vincle@hospital.example' };
const WEBHOOK = { NOTIFY_WEBHOOK_URL: 'https://hooks.example/n', NOTIFY_WEBHOOK_SECRET: SECRET };

test.each([
  ['smtp', SMTP],
  ['webhook', WEBHOOK],
  ['none', {}],
])('the settings choose the channel: %s', (channel, env) => {
  expect(openNotify(readConfig(env), clock).channel).toBe(channel);
});

test('without a channel nothing is ever delivered, and that is said', async () => {
  const notify = openNotify(readConfig({}), clock);
  expect([(await notify.send(NOTICE)).kind, (await notify.check()).ok]).toEqual(['refused', false]);
});

test.each([
  ['a mail server without a sender', { NOTIFY_SMTP_URL: SMTP.NOTIFY_SMTP_URL }, 'NOTIFY_SMTP_FROM'],
  ['a receiver without a secret', { NOTIFY_WEBHOOK_URL: WEBHOOK.NOTIFY_WEBHOOK_URL }, 'NOTIFY_WEBHOOK_SECRET'],
  ['a secret that is too short', { ...WEBHOOK, NOTIFY_WEBHOOK_SECRET: 'short' }, 'NOTIFY_WEBHOOK_SECRET'],
  ['two channels', { ...SMTP, ...WEBHOOK }, 'NOTIFY_WEBHOOK_URL'],
  ['a receiver in the clear', { ...WEBHOOK, NOTIFY_WEBHOOK_URL: 'http://hooks.example/n' }, 'NOTIFY_WEBHOOK_URL'],
  ['a sender that breaks a line', { ...SMTP, NOTIFY_SMTP_FROM: 'a@b.example\nBcc: c@d.example' }, 'NOTIFY_SMTP_FROM'],
])('%s is refused at start, by the setting’s name, without what was set', (_what, env, setting) => {
  let thrown: unknown;
  try {
    readConfig(env);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  expect(String(thrown)).toContain(setting);
  expect(String(thrown)).not.toMatch(/secret@|short\b|c@d/);
});
