import type { Comparison, DecisionPolicy, Protocol, StepRule, Words } from '../../src/domain/protocol.ts';

const words = (text: string): Words => ({ en: text, es: text, ca: text });

const decision = (patientAgreementFirst = false): DecisionPolicy => ({
  deciders: ['psycho-oncologist'],
  patientAgreementFirst,
  decideWithinDays: 7,
  escalateTo: ['coordinator'],
  revokeAfterDays: 21,
});

export const compared = (
  measure: string,
  comparator: Comparison['comparator'],
  value: number,
  readings = 1,
  maxAgeDays = 30,
): Comparison => ({ measure, comparator, value, readings, maxAgeDays });

const rule = (it: Omit<StepRule, 'sentence' | 'decision'> & { agreement?: boolean }): StepRule => {
  const { agreement, ...rest } = it;
  return {
    ...rest,
    sentence: {
      en: 'Distress of {value} (limit {limit}) on {date}: more support is suggested.',
      es: 'Malestar de {value} (límite {limit}) el {date}: se sugiere más apoyo.',
      ca: 'Malestar de {value} (límit {limit}) el {date}: se suggereix més suport.',
    },
    decision: decision(agreement),
  };
};

const level = (code: string, rank: number) => ({
  code,
  rank,
  title: words(code),
  activities: [`https://w3id.org/vincle/ActivityDefinition/${code}|1.0.0`],
});

/** A protocol for tests: small enough to reckon by hand. It is nobody’s clinical protocol. */
export const PROTOCOL: Protocol = {
  url: 'https://w3id.org/vincle/PlanDefinition/stepped-psychosocial-care',
  version: '1.0.0',
  levels: [
    level('1-monitoring', 1),
    level('2-psychoeducation', 2),
    level('3-peer-support', 3),
    level('4-group-psychotherapy', 4),
  ],
  rules: [
    rule({
      id: 'up-to-2',
      direction: 'up',
      from: ['1-monitoring'],
      to: '2-psychoeducation',
      when: [compared('distress-thermometer', '>=', 4)],
      minimumDwellDays: 0,
      order: 2,
    }),
    rule({
      id: 'up-to-3',
      direction: 'up',
      from: ['1-monitoring', '2-psychoeducation'],
      to: '3-peer-support',
      when: [compared('distress-thermometer', '>=', 4), compared('phq-9', '>=', 10)],
      minimumDwellDays: 14,
      order: 1,
    }),
    rule({
      id: 'up-to-4',
      direction: 'up',
      from: ['3-peer-support'],
      to: '4-group-psychotherapy',
      when: [compared('phq-9', '>=', 15, 2, 60)],
      minimumDwellDays: 28,
      order: 3,
      agreement: true,
    }),
    rule({
      id: 'down-to-1',
      direction: 'down',
      from: ['2-psychoeducation'],
      to: '1-monitoring',
      when: [compared('distress-thermometer', '<', 4, 2, 60)],
      minimumDwellDays: 28,
      order: 10,
    }),
    rule({
      id: 'down-to-2',
      direction: 'down',
      from: ['3-peer-support', '4-group-psychotherapy'],
      to: '2-psychoeducation',
      when: [compared('phq-9', '<', 5, 2, 60)],
      minimumDwellDays: 28,
      order: 11,
    }),
  ],
  screening: { measure: 'distress-thermometer', overdueAfterDays: 45 },
  schedules: [],
  safety: { items: [], respondWithinMinutes: 60, chain: [], outcomes: [], watched: [] },
};
