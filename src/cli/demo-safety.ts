import type { Content } from '../content/port.ts';
import type { Notify } from '../notify/port.ts';
import type { SafetyPath } from '../pipeline/safety/safety-path.ts';
import { say } from './print.ts';

/** Stands in for mail in the demonstration: every notice is a line on the screen. */
const screen: Notify = {
  channel: 'screen',
  send: async ({ kind, to, respondBy }) => {
    say(`NOTICE ${kind} to ${to.reference}${respondBy === undefined ? '' : `, to be taken up by ${respondBy}`}`);
    return { kind: 'delivered', channel: 'screen', at: new Date().toISOString() };
  },
  check: async () => ({ ok: true }),
};

/** A demonstration has nobody to call: it says so where a site’s own crisis text stands. */
const CRISIS = {
  en: 'DEMONSTRATION. Here a patient reads the site’s own crisis text, with its telephone numbers.',
  es: 'DEMOSTRACIÓN. Aquí el paciente lee el texto de crisis del centro, con sus teléfonos.',
  ca: 'DEMOSTRACIÓ. Aquí el pacient llegeix el text de crisi del centre, amb els seus telèfons.',
};

/** The safety path of the demonstration: what the synthetic cohort answered before it began is listed, not raised. */
export const demoSafety = (content: Content, nowMs: number): SafetyPath => ({
  policy: content.protocol.safety,
  notify: screen,
  contacts: {
    roles: { coordinator: [{ email: 'coordinator@demonstration.invalid', language: 'en' }] },
    coordinator: [{ email: 'coordinator@demonstration.invalid', language: 'en' }],
  },
  crisis: { words: CRISIS, confirmedBy: 'nobody: a demonstration', date: '2026-11-23' },
  fromMs: nowMs,
  pollSeconds: 5,
  serverLagSeconds: 0,
});
