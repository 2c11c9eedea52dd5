import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Observation } from 'fhir/r4.js';
import { meets } from '../../src/domain/step-readings.ts';
import { nextChangeOf, type SteppingInput, stepping } from '../../src/domain/stepping.ts';
import { PROTOCOL } from '../steps/protocol.ts';
import { observed } from '../steps/reading.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T10:00:00Z');
const NOT_COUNTED = { tag: [{ system: 'https://w3id.org/vincle/CodeSystem/rating-use', code: 'not-counted' }] };

const observation = fc
  .record({
    measure: fc.constantFrom('distress-thermometer', 'phq-9'),
    value: fc.option(fc.integer({ min: 0, max: 27 }), { nil: undefined }),
    daysAgo: fc.integer({ min: -5, max: 200 }),
    status: fc.constantFrom('final', 'amended', 'entered-in-error', 'preliminary') as fc.Arbitrary<
      Observation['status']
    >,
    counted: fc.boolean(),
  })
  .map(({ measure, value, daysAgo, status, counted }) =>
    observed(measure, value, new Date(NOW - daysAgo * DAY).toISOString(), {
      status,
      ...(counted ? {} : { meta: NOT_COUNTED }),
    }),
  );
const input: fc.Arbitrary<SteppingInput> = fc
  .record({
    level: fc.constantFrom(...PROTOCOL.levels.map((it) => it.code)),
    dwelt: fc.integer({ min: -2, max: 120 }),
    before: fc.integer({ min: 0, max: 300 }),
    observations: fc.array(observation, { maxLength: 12 }),
    waits: fc.boolean(),
    declined: fc.array(
      fc.record({
        rule: fc.constantFrom(...PROTOCOL.rules.map((it) => it.id)),
        daysAgo: fc.integer({ min: 0, max: 60 }),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ level, dwelt, before, observations, waits, declined }) => ({
    protocol: PROTOCOL,
    level,
    sinceMs: NOW - dwelt * DAY,
    enrolledMs: NOW - (Math.max(dwelt, 0) + before) * DAY,
    observations: observations.map((one, index) => ({ ...one, id: `o-${index}` })),
    openProposal: waits ? 'CarePlan/open' : undefined,
    declined: declined.map(({ rule, daysAgo }) => ({ rule, atMs: NOW - daysAgo * DAY })),
    moment: { nowMs: NOW, zone: 'Europe/Madrid' },
  }));
const check = (property: (it: SteppingInput) => void) => fc.assert(fc.property(input, property), { numRuns: 2_000 });

test('a step is never proposed before the level, or the last refusal, has lasted its dwell', () => {
  check((it) => {
    const said = stepping(it);
    if (said.kind !== 'propose') return;
    const { minimumDwellDays, id } = said.rule;
    expect(NOW - it.sinceMs).toBeGreaterThanOrEqual(minimumDwellDays * DAY);
    for (const no of it.declined.filter((one) => one.rule === id))
      expect(NOW - no.atMs).toBeGreaterThanOrEqual(minimumDwellDays * DAY);
  });
});

test('nothing is proposed beside a proposal that waits', () => {
  check((it) => {
    if (it.openProposal !== undefined) expect(stepping(it).kind).toBe('waiting');
  });
});

test('every proposal rests on as many recent, counted readings as its rule asks for, all of which meet it', () => {
  check((it) => {
    const said = stepping(it);
    if (said.kind !== 'propose') return;
    expect(said.rule.from).toContain(it.level);
    for (const comparison of said.rule.when) {
      const own = said.evidence.filter((one) => one.comparison === comparison);
      expect(own).toHaveLength(comparison.readings);
      for (const { reading } of own) {
        expect(meets(comparison, reading.value)).toBe(true);
        expect(reading.epochMs).toBeLessThanOrEqual(NOW);
        expect(NOW - reading.epochMs).toBeLessThanOrEqual((comparison.maxAgeDays + 1) * DAY);
        const source = it.observations.find((one) => `Observation/${one.id}` === reading.observation);
        expect(['final', 'amended']).toContain(source?.status);
        expect(source?.meta?.tag ?? []).toEqual([]);
      }
    }
  });
});

test('without any value nothing is ever proposed, and nobody is ever said to be well', () => {
  check((it) => {
    const none = it.observations.map(({ valueQuantity: _, ...rest }) => rest);
    const said = stepping({ ...it, observations: none, openProposal: undefined });
    expect(['overdue', 'cannot-decide']).toContain(said.kind);
  });
});

test('the order in which Observations come changes nothing, and the same is always said of the same', () => {
  check((it) => {
    const once = stepping(it);
    expect(stepping({ ...it, observations: it.observations.toReversed() })).toEqual(once);
    expect(stepping(it)).toEqual(once);
  });
});

/** Rank of the level that is aimed at: the present one where nothing is proposed. */
const aim = (it: SteppingInput, said: ReturnType<typeof stepping>): number => {
  const rank = (code: string) => PROTOCOL.levels.find((one) => one.code === code)?.rank ?? 0;
  return said.kind === 'propose' ? rank(said.rule.to) : rank(it.level);
};

test('whoever answers worse throughout is never offered less care for it', () => {
  fc.assert(
    fc.property(input, fc.integer({ min: 1, max: 10 }), (it, worse) => {
      const shifted = it.observations.map((one) =>
        one.valueQuantity?.value === undefined
          ? one
          : { ...one, valueQuantity: { ...one.valueQuantity, value: one.valueQuantity.value + worse } },
      );
      const asked = { ...it, openProposal: undefined };
      const [before, after] = [stepping(asked), stepping({ ...asked, observations: shifted })];
      expect(aim(it, after)).toBeGreaterThanOrEqual(aim(it, before));
    }),
    { numRuns: 2_000 },
  );
});

test('a step down is never proposed while the screening is overdue', () => {
  check((it) => {
    const said = stepping(it);
    if (said.kind === 'propose' && said.rule.direction === 'down') expect(said.overdue).toBeUndefined();
  });
});

/** High answers at the lower levels, early in a stay, some dated ahead: where time alone makes a step up due. */
const soonDue: fc.Arbitrary<SteppingInput> = fc
  .record({
    level: fc.constantFrom('1-monitoring', '2-psychoeducation'),
    dwelt: fc.integer({ min: -1, max: 14 }),
    answers: fc.array(
      fc.record({
        measure: fc.constantFrom('distress-thermometer', 'phq-9'),
        value: fc.integer({ min: 2, max: 20 }),
        hoursAgo: fc.integer({ min: -200, max: 1_400 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    declined: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  })
  .map(({ level, dwelt, answers, declined }) => ({
    protocol: PROTOCOL,
    level,
    sinceMs: NOW - dwelt * DAY,
    enrolledMs: NOW - 60 * DAY,
    observations: answers.map(({ measure, value, hoursAgo }, index) =>
      observed(measure, value, new Date(NOW - hoursAgo * 3_600_000).toISOString(), { id: `o-${index}` }),
    ),
    openProposal: undefined,
    declined: declined === undefined ? [] : [{ rule: 'up-to-3', atMs: NOW - declined * DAY }],
    moment: { nowMs: NOW, zone: 'Europe/Madrid' },
  }));

test('whoever is looked at only when time may have changed something misses no step up: not the end of a dwell, an overdue screening, nor a reading dated ahead', () => {
  const HOUR = 3_600_000;
  const at = (it: SteppingInput, nowMs: number) => ({ ...it, moment: { ...it.moment, nowMs } });
  const found = { later: 0 };
  fc.assert(
    fc.property(soonDue, (it) => {
      const instants = Array.from({ length: 45 }, (_, index) => NOW + index * 8 * HOUR);
      const first = instants.find((nowMs) => stepping(at(it, nowMs)).kind === 'propose');
      if (first === undefined || first === NOW) return;
      const due = stepping(at(it, first));
      if (due.kind !== 'propose' || due.rule.direction === 'down') return;
      found.later += 1;
      let looked: number | undefined = NOW;
      while (looked !== undefined && looked <= first) {
        const said = stepping(at(it, looked));
        if (said.kind === 'propose') return;
        const next = nextChangeOf(at(it, looked), said);
        looked = next === undefined ? undefined : Math.max(next, looked + HOUR);
      }
      throw new Error(`a step up of ${new Date(first).toISOString()} was missed`);
    }),
    { numRuns: 600 },
  );
  expect(found.later).toBeGreaterThan(50);
});
