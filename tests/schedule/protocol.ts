import type { Protocol, Schedule, ScheduledForm } from '../../src/domain/protocol.ts';

const words = (text: string) => ({ en: text, es: text, ca: text });
const B = 'https://w3id.org/vincle';

const atM3 = (instrument: string, rater: ScheduledForm['rater']): ScheduledForm => ({
  id: `${instrument}-m3`,
  instrument,
  rater,
  timing: { kind: 'visit', visit: 'm3' },
  createAheadDays: 7,
  remindAfterDays: [14, 28, 42],
});

const study = (arm: string, forms: readonly ScheduledForm[]): Schedule => ({
  canonical: `${B}/PlanDefinition/test-study-${arm}|1.0.0`,
  arm,
  title: words(arm),
  forms,
});

/** Few forms, so that every Task can be counted by hand. */
export const PROTOCOL: Protocol = {
  url: `${B}/PlanDefinition/test`,
  version: '1.0.0',
  levels: [],
  rules: [],
  screening: { measure: 'distress-thermometer', overdueAfterDays: 45 },
  schedules: [
    study('digital', [atM3('wai-s-p', 'patient'), atM3('wai-s-t', 'therapist'), atM3('sus', 'patient')]),
    study('usual', [atM3('wai-s-p', 'patient'), atM3('wai-s-t', 'therapist'), atM3('phq-9', 'patient')]),
    {
      canonical: `${B}/PlanDefinition/test-care|1.0.0`,
      title: words('care'),
      forms: [
        {
          id: 'distress',
          instrument: 'distress-thermometer',
          rater: 'patient',
          timing: { kind: 'interval', everyDays: 28, windowDays: 14 },
          createAheadDays: 2,
          remindAfterDays: [3, 7],
        },
      ],
    },
  ],
  safety: {
    items: [{ instrument: 'phq-9', linkId: 'phq9-9', codes: [], atLeast: 1 }],
    respondWithinMinutes: 60,
    chain: [],
    outcomes: [],
    watched: [],
  },
};
