import type { Notify } from './port.ts';

const reason = 'no channel is configured';

/** Where the site has configured no channel: nothing is ever delivered, and that is said. */
export const noChannel: Notify = {
  channel: 'none',
  send: () => Promise.resolve({ kind: 'refused', channel: 'none', reason }),
  check: () => Promise.resolve({ ok: false, reason }),
};
