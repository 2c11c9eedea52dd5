import type { Notify } from '../../notify/port.ts';
import type { StepLedger } from './step-ledger.ts';
import type { StepRun } from './step-run.ts';

/** Tells the first who can be reached of those to whom an overdue decision passes, in the protocol’s order. */
export async function notifyOverdue(
  ledger: StepLedger,
  run: StepRun,
  notify: Notify | undefined,
  now: string,
): Promise<void> {
  for (const { proposal, roles } of ledger.escalations) {
    if (notify === undefined || !(await tellOne(notify, proposal, roles, now))) run.unnotified += 1;
    else run.notified += 1;
  }
}

async function tellOne(notify: Notify, proposal: string, roles: readonly string[], now: string): Promise<boolean> {
  for (const role of roles) {
    const delivery = await notify.send({
      id: `decision-overdue-${proposal}-${role}`,
      kind: 'decision-overdue',
      to: { reference: `role:${role}`, language: 'es' },
      respondBy: now,
    });
    if (delivery.kind === 'delivered') return true;
  }
  return false;
}
