import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CarePlan } from 'fhir/r4.js';
import { IllegalStepError, moved, type PlanEvent, statusAfter } from '../../src/domain/plan-state.ts';

const EVENTS: readonly PlanEvent[] = [
  'approve',
  'decline',
  'override',
  'withdraw',
  'expire',
  'replace',
  'supersede',
  'finish',
  'end',
  'hold',
  'resume',
  'mistake',
];
const STATUSES: readonly CarePlan['status'][] = [
  'draft',
  'active',
  'on-hold',
  'revoked',
  'completed',
  'entered-in-error',
  'unknown',
];
const plan = (intent: CarePlan['intent'], status: CarePlan['status']): CarePlan => ({
  resourceType: 'CarePlan',
  id: 'p',
  intent,
  status,
  subject: { reference: 'Patient/p' },
});

test('every transition that FHIR’s request pattern and the contract allow, and no other', () => {
  const legal = (['proposal', 'plan', 'order', 'option'] as const).flatMap((intent) =>
    STATUSES.flatMap((status) =>
      EVENTS.flatMap((event) => {
        const after = statusAfter({ intent, status }, event);
        return after === undefined ? [] : [`${intent} ${status} –${event}→ ${after}`];
      }),
    ),
  );
  expect(legal).toEqual([
    'proposal draft –approve→ completed',
    'proposal draft –decline→ revoked',
    'proposal draft –override→ revoked',
    'proposal draft –withdraw→ revoked',
    'proposal draft –expire→ revoked',
    'proposal draft –mistake→ entered-in-error',
    'plan active –replace→ completed',
    'plan active –supersede→ revoked',
    'plan active –finish→ completed',
    'plan active –end→ revoked',
    'plan active –hold→ on-hold',
    'plan active –mistake→ entered-in-error',
    'plan on-hold –replace→ completed',
    'plan on-hold –supersede→ revoked',
    'plan on-hold –finish→ completed',
    'plan on-hold –end→ revoked',
    'plan on-hold –resume→ active',
    'plan on-hold –mistake→ entered-in-error',
  ]);
});

test('what is completed or revoked stays so, whatever events come; an illegal one changes nothing and says what it was', () => {
  const anything = fc.record({
    intent: fc.constantFrom<CarePlan['intent'][]>('proposal', 'plan'),
    events: fc.array(fc.constantFrom(...EVENTS), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(anything, ({ intent, events }) => {
      let it = plan(intent, intent === 'proposal' ? 'draft' : 'active');
      let over: CarePlan['status'] | undefined;
      for (const event of events) {
        const before = it.status;
        try {
          it = moved(it, event);
        } catch (error) {
          expect(error).toBeInstanceOf(IllegalStepError);
          expect(it.status).toBe(before);
        }
        if (over !== undefined) expect(it.status).toBe(over);
        if (it.status === 'completed' || it.status === 'revoked') over = it.status;
      }
    }),
  );
});
