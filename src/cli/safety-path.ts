import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Content } from '../content/port.ts';
import type { SafetyPolicy } from '../domain/protocol.ts';
import { openNotify } from '../notify/open.ts';
import type { SafetyPath } from '../pipeline/safety/safety-path.ts';

/** The safety path of this configuration: the policy of the protocol, the site’s own words and people, the channel. */
export function safetyOf(config: Config, content: Content): SafetyPath {
  const { SAFETY_FROM: from, PUBLIC_URL: publicUrl } = config;
  return {
    policy: config.SHADOW === 'on' ? toCoordinator(content.protocol.safety) : content.protocol.safety,
    notify: openNotify(config, { now: Date.now, pause: (ms) => pause(ms) }),
    contacts: content.contacts,
    crisis: content.crisis,
    fromMs: from === undefined ? undefined : Date.parse(from),
    pollSeconds: config.SAFETY_SECONDS,
    serverLagSeconds: config.FHIR_COMMIT_LAG_SECONDS,
    ...(publicUrl === undefined ? {} : { link: `${publicUrl.replace(/\/+$/, '')}/app/` }),
  };
}

/** In shadow mode no clinician is interrupted; a sign of danger is never left to nobody, so the coordinator is told at once. */
const toCoordinator = (policy: SafetyPolicy): SafetyPolicy => ({
  ...policy,
  chain: [{ afterMinutes: 0, role: 'coordinator' }],
});

/** The cron expression of a poll every so many seconds. */
export const everySeconds = (seconds: number): string =>
  seconds < 60 ? `*/${seconds} * * * * *` : `0 */${seconds / 60} * * * *`;
