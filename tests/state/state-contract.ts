import { afterEach, beforeEach, describe } from '@jest/globals';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { countContract } from './count-contract.ts';
import { jobContract } from './job-contract.ts';
import { keepingContract } from './keeping-contract.ts';
import { leaseContract } from './lease-contract.ts';
import { killOthers } from './other-process.ts';
import { outboxContract } from './outbox-contract.ts';
import { sealContract } from './seal-contract.ts';
import type { StateStore, StoreKind } from './state-store.ts';

/** What a part of the contract works with, new for each test. */
export interface Bench {
  readonly kind: StoreKind;
  store(): StateStore;
  /** Opens the store; all that was opened is closed at the end of the test. */
  open(): Promise<State>;
}

/** What every adapter of the port `State` does; run on each of them. */
export function stateContract(name: string, kind: StoreKind): void {
  describe(`State on ${name}`, () => {
    let current: StateStore | undefined;
    const opened: State[] = [];
    const store = () => {
      if (current === undefined) throw new Error('no store outside a test');
      return current;
    };
    beforeEach(async () => {
      current = await kind.create();
    });
    afterEach(async () => {
      await killOthers();
      for (const state of opened.splice(0)) await state.close();
      await current?.drop();
    });
    const open = async () => {
      const state = await openState(store().url, store().keysFile);
      opened.push(state);
      return state;
    };
    const bench: Bench = { kind, store, open };
    leaseContract(bench);
    outboxContract(bench);
    sealContract(bench);
    jobContract(bench);
    keepingContract(bench);
    countContract(bench);
  });
}
