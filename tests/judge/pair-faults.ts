import { sampleObservation } from './samples.ts';
import type { Fault } from './score-faults.ts';
import { score } from './score-faults.ts';

/** Faults of dyads and changes: Observations that rest on two scores. */
export const PAIR_FAULTS: readonly Fault[] = [
  {
    title: 'a final dyad without a partner',
    from: 'wai-s-dyad-preliminary',
    refusedBy: /vin-30/,
    put: (it) => {
      it.status = 'final';
    },
  },
  {
    title: 'a dyad whose value is not the difference of its totals',
    from: 'wai-s-dyad',
    refusedBy: /vin-32/,
    put: (it) => {
      it.valueQuantity = score(-6);
    },
  },
  {
    title: 'a whole dyad out of one score',
    from: 'wai-s-dyad',
    refusedBy: /vin-33/,
    put: (it) => it.derivedFrom!.pop(),
  },
  {
    title: 'a dyad about no therapist',
    from: 'wai-s-dyad',
    refusedBy: /focus: minimum required = 1/,
    put: (it) => {
      delete it.focus;
    },
  },
  {
    title: 'a verdict without a critical change',
    from: 'wai-s-p-change-without-verdict',
    refusedBy: /vin-40/,
    put: (it) => {
      it.interpretation = sampleObservation('wai-s-p-change-with-verdict').interpretation!;
    },
  },
  {
    title: 'a reliable decrease of twelve where 12.4 are needed',
    from: 'wai-s-p-change-with-verdict',
    refusedBy: /vin-41/,
    put: (it) => {
      it.valueQuantity = score(-12);
    },
  },
  {
    title: 'a reliable increase where the total fell',
    from: 'wai-s-p-change-with-verdict',
    refusedBy: /vin-41/,
    put: (it) => {
      it.interpretation![0]!.coding![0] = {
        system: 'https://w3id.org/vincle/CodeSystem/reliable-change',
        code: 'reliable-increase',
      };
    },
  },
  {
    title: 'a change out of one score',
    from: 'wai-s-p-change-with-verdict',
    refusedBy: /vin-43/,
    put: (it) => it.derivedFrom!.pop(),
  },
];
