import { expect, test } from '@jest/globals';
import type { PlanDefinitionAction } from 'fhir/r4.js';
import { actionOf, B, partOf, refusalsOf, type Shipped, shippedPlans } from './site-protocol.ts';

const PROTOCOL = 'profiles/PlanDefinition-stepped-psychosocial-care.json';
const DIGITAL = 'profiles/PlanDefinition-study-digital-care.json';
const USUAL = 'profiles/PlanDefinition-study-usual-care.json';

/** Changes the limit of a rule without the expression that says the same: what is refused is the limit. */
function limit(action: PlanDefinitionAction, value: number, comparator?: string): void {
  const [, condition] = action.condition!;
  delete condition!.expression;
  partOf(condition!, 'comparison', 'value').valueDecimal = value;
  if (comparator !== undefined) partOf(condition!, 'comparison', 'comparator').valueString = comparator;
}

const dropRule = (plans: Shipped, id: string): void => {
  const rules = plans.protocol.action![1]!;
  rules.action = rules.action!.filter((it) => it.id !== id);
};

type Case = readonly [title: string, change: (plans: Shipped) => void, refusal: string];

const RULES: readonly Case[] = [
  [
    'two rules that can hold at once and have the same order',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-3'), 'step-rule', 'order').valueInteger = 10;
    },
    `rules-without-order ${PROTOCOL}#action[1].action[1].extension(step-rule).order`,
  ],
  [
    'a rule that never speaks because a broader one always speaks before it',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-4'), 'step-rule', 'order').valueInteger = 35;
      actionOf(protocol, 'up-to-4').relatedAction = actionOf(protocol, 'up-to-4').relatedAction!.filter(
        (it) => it.actionId !== '3-peer-support',
      );
      for (const it of actionOf(protocol, 'up-to-3').relatedAction!) delete it.offsetDuration;
      actionOf(protocol, 'up-to-4').condition!.shift();
    },
    `rule-never-heard ${PROTOCOL}#action[1].action[0]`,
  ],
  [
    'a rule on a measure that nothing produces',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison', 'measure').valueCode = 'phq-15';
    },
    `unknown-measure ${PROTOCOL}#action[1].action[2].condition[1]`,
  ],
  [
    'a rule on a component that the measure does not have',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison').extension!.push({
        url: 'component',
        valueCode: 'bond',
      });
    },
    `unknown-measure ${PROTOCOL}#action[1].action[2].condition[1]`,
  ],
  [
    'a rule on what therapists say of the platform, which is in no patient’s record',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison', 'measure').valueCode = 'vas-platform';
    },
    `unknown-measure ${PROTOCOL}#action[1].action[2].condition[1]`,
  ],
  [
    'a rule on a score that nobody is asked for',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison', 'measure').valueCode = 'hads';
    },
    `never-asked ${PROTOCOL}#action[1].action[2].condition[1]`,
  ],
  [
    'a rule that needs more readings in a time than are ever asked for',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison', 'max-age-days').valueInteger = 10;
    },
    `asked-too-seldom ${PROTOCOL}#action[1].action[2].condition[1]`,
  ],
  [
    'a limit above what the PHQ-4 can be',
    ({ protocol }) => limit(actionOf(protocol, 'up-to-4'), 13),
    `out-of-range ${PROTOCOL}#action[1].action[0].condition[1]`,
  ],
  [
    'a limit that every PHQ-4 meets',
    ({ protocol }) => limit(actionOf(protocol, 'up-to-4'), 0),
    `out-of-range ${PROTOCOL}#action[1].action[0].condition[1]`,
  ],
  [
    'a level to which no rule leads',
    (plans) => dropRule(plans, 'up-to-4'),
    `level-not-reached ${PROTOCOL}#action[0].action[3]`,
  ],
  [
    'a level that no rule leads out of',
    (plans) => dropRule(plans, 'down-to-3'),
    `level-not-left ${PROTOCOL}#action[0].action[3]`,
  ],
  [
    'a step up whose limit is below that of the step down',
    ({ protocol }) => limit(actionOf(protocol, 'down-to-1'), 4),
    `steps-in-a-circle ${PROTOCOL}#action[1].action[5]`,
  ],
  [
    'a step up and a step down at one limit, each on a single reading',
    ({ protocol }) => {
      limit(actionOf(protocol, 'down-to-1'), 3, '<');
      partOf(actionOf(protocol, 'down-to-1').condition![1]!, 'comparison', 'readings').valueInteger = 1;
      delete actionOf(protocol, 'down-to-1').input;
    },
    `no-hysteresis ${PROTOCOL}#action[1].action[5]`,
  ],
  [
    'a step up that leads down',
    ({ protocol }) => {
      actionOf(protocol, 'down-to-1').extension![0]!.extension![0]!.valueCode = 'up';
    },
    `wrong-direction ${PROTOCOL}#action[1].action[5]`,
  ],
  [
    'a rule to a level that there is not',
    ({ protocol }) => {
      actionOf(protocol, 'up-to-2').relatedAction!.at(-1)!.actionId = '5-art-therapy';
    },
    `unknown-level ${PROTOCOL}#action[1].action[2].relatedAction`,
  ],
  [
    'a level that stands twice',
    ({ protocol }) => {
      const levels = protocol.action![0]!.action!;
      levels.push(structuredClone(levels[0]!));
    },
    `duplicate-level ${PROTOCOL}#action[0].action[4]`,
  ],
  [
    'an expression that says another limit than the comparison beside it',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2').condition![1]!, 'comparison', 'value').valueDecimal = 4;
    },
    `expression-disagrees ${PROTOCOL}#action[1].action[2].condition[1].expression`,
  ],
  [
    'a data requirement that asks for fewer readings than the comparison beside it',
    ({ protocol }) => {
      actionOf(protocol, 'up-to-2').input![0]!.limit = 1;
    },
    `input-disagrees ${PROTOCOL}#action[1].action[2].input[0]`,
  ],
  [
    'a sentence without its Catalan',
    ({ protocol }) => {
      actionOf(protocol, 'up-to-2')._description!.extension!.pop();
    },
    `words-missing ${PROTOCOL}#action[1].action[2].description`,
  ],
  [
    'a sentence with a placeholder that nothing stands for',
    ({ protocol }) => {
      actionOf(protocol, 'up-to-2').description = 'PHQ-4 of {total}';
    },
    `unknown-placeholder ${PROTOCOL}#action[1].action[2].description`,
  ],
  [
    'an activity that is not at hand',
    ({ protocol }) => {
      actionOf(protocol, 'peer-support').definitionCanonical = 'https://example.org/ActivityDefinition/choir|1.0.0';
    },
    `unknown-activity ${PROTOCOL}#action[0].action[2].action[0].definitionCanonical`,
  ],
];

const DECISIONS: readonly Case[] = [
  [
    'a proposal that is revoked before anybody is told that it waits',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2'), 'decision-policy', 'revoke-after-days').valueInteger = 7;
    },
    `revoked-before-escalated ${PROTOCOL}#action[1].action[2].extension(decision-policy).revoke-after-days`,
  ],
  [
    'a role that there is not, told when nobody decides',
    ({ protocol }) => {
      partOf(actionOf(protocol, 'up-to-2'), 'decision-policy', 'escalate-to').valueCode = 'chaplain';
    },
    `unknown-role ${PROTOCOL}#action[1].action[2].extension(decision-policy).escalate-to`,
  ],
  [
    'a rule about which nobody may decide',
    ({ protocol }) => {
      delete actionOf(protocol, 'up-to-2').participant;
    },
    `malformed ${PROTOCOL}#action[1].action[2].participant`,
  ],
];

const SCHEDULES: readonly Case[] = [
  [
    'a window longer than the interval after which the form is due again',
    ({ digital }) => {
      actionOf(digital, 'phq-4-every-28-days').timingTiming!.repeat!.duration = 30;
    },
    `windows-overlap ${DIGITAL}#action[0].timingTiming`,
  ],
  [
    'a form asked twice at one visit',
    ({ usual }) => {
      usual.action!.push({ ...structuredClone(actionOf(usual, 'wai-s-p-m3')), id: 'again' });
    },
    `windows-overlap ${USUAL}#action[14]`,
  ],
  [
    'a form asked at an interval and at a visit too',
    ({ digital }) => {
      const visit = structuredClone(actionOf(digital, 'gad-7-m3'));
      digital.action!.push({
        ...visit,
        id: 'phq-4-m3',
        definitionCanonical: actionOf(digital, 'phq-4-every-28-days').definitionCanonical!,
      });
    },
    `windows-overlap ${DIGITAL}#action[22]`,
  ],
  [
    'a reminder after the window has closed',
    ({ digital }) => {
      partOf(actionOf(digital, 'phq-4-every-28-days'), 'scheduled-form', 'remind-after-days').valueInteger = 14;
    },
    `reminder-outside-window ${DIGITAL}#action[0].extension(scheduled-form).remind-after-days`,
  ],
  [
    'the alliance asked at the start, when there is none yet',
    ({ usual }) => {
      partOf(actionOf(usual, 'wai-s-p-m3'), 'scheduled-form', 'visit').valueCode = 'baseline';
      delete actionOf(usual, 'wai-s-p-m3').timingDuration;
    },
    `visit-without-form ${USUAL}#action[8]`,
  ],
  [
    'a visit that the programme does not have',
    ({ usual }) => {
      partOf(actionOf(usual, 'wai-s-p-m3'), 'scheduled-form', 'visit').valueCode = 'm9';
    },
    `unknown-visit ${USUAL}#action[8].extension(scheduled-form).visit`,
  ],
  [
    'a visit at another time than the programme says',
    ({ usual }) => {
      actionOf(usual, 'wai-s-p-m3').timingDuration!.value = 4;
    },
    `timing-disagrees ${USUAL}#action[8].timingDuration`,
  ],
  [
    'the patient asked for the therapist’s form',
    ({ usual }) => {
      actionOf(usual, 'wai-s-t-m3').participant = [{ type: 'patient' }];
    },
    `wrong-rater ${USUAL}#action[9].participant`,
  ],
  [
    'a form asked by an activity that asks for none',
    ({ usual }) => {
      actionOf(usual, 'wai-s-p-m3').definitionCanonical = actionOf(usual, 'wai-s-p-m3').definitionCanonical!.replace(
        'ask-wai-s-p',
        'peer-support',
      );
    },
    `unknown-instrument ${USUAL}#action[8].definitionCanonical`,
  ],
  [
    'two schedules for one arm',
    ({ usual }) => {
      usual.useContext![0]!.valueCodeableConcept!.coding![0]!.code = 'digital';
    },
    `duplicate-arm ${USUAL}#useContext`,
  ],
  [
    'a schedule that is not at hand',
    ({ protocol }) => {
      protocol.relatedArtifact![1]!.resource = 'https://example.org/PlanDefinition/other|1.0.0';
    },
    `unknown-schedule ${PROTOCOL}#relatedArtifact[1].resource`,
  ],
  [
    'a screening that patients with levels are not asked for',
    ({ digital }) => {
      digital.action!.shift();
    },
    `never-asked ${DIGITAL}`,
  ],
  [
    'a screening that is overdue before it is due',
    ({ protocol }) => {
      partOf(protocol, 'stepped-care-protocol', 'overdue-after-days').valueInteger = 21;
    },
    `overdue-before-due ${PROTOCOL}#extension(stepped-care-protocol).overdue-after-days`,
  ],
];

const SAFETY: readonly Case[] = [
  [
    'a safety item that its Questionnaire does not have',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'item', 'link-id').valueString = 'phq9-10';
    },
    `unknown-item ${PROTOCOL}#extension(safety-policy).item.link-id`,
  ],
  [
    'a safety item of no instrument here',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'item', 'questionnaire').valueCanonical = 'https://example.org/Questionnaire/x';
    },
    `unknown-instrument ${PROTOCOL}#extension(safety-policy).item.questionnaire`,
  ],
  [
    'a safety limit that every answer meets',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'item', 'at-least').valueInteger = 0;
    },
    `out-of-range ${PROTOCOL}#extension(safety-policy).item.at-least`,
  ],
  [
    'a limit above 0 for thoughts of death: the contract makes every such answer a sign',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'item', 'at-least').valueInteger = 3;
    },
    `sign-set-too-high ${PROTOCOL}#extension(safety-policy).item.at-least`,
  ],
  [
    'a chain of which nobody is told at once',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'chain', 'after-minutes').valueInteger = 5;
    },
    `chain-out-of-order ${PROTOCOL}#extension(safety-policy).chain`,
  ],
  [
    'a chain with a role that there is not',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'chain', 'role').valueCode = 'porter';
    },
    `unknown-role ${PROTOCOL}#extension(safety-policy).chain.role`,
  ],
  [
    'an outcome that there is not',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'outcome').valueCode = 'ignored';
    },
    `unknown-outcome ${PROTOCOL}#extension(safety-policy).outcome`,
  ],
  [
    'no safety policy at all',
    ({ protocol }) => {
      protocol.extension!.pop();
    },
    `malformed ${PROTOCOL}#extension(safety-policy)`,
  ],
  [
    'a watch on a day that there is not',
    ({ protocol }) => {
      partOf(protocol, 'safety-policy', 'watched', 'day').valueCode = 'holiday';
    },
    `malformed ${PROTOCOL}#extension(safety-policy).watched.day`,
  ],
];

/** The GAD-7 after a PHQ-4 of 6 or more, last in the schedule of the digital arm; `change` makes it wrong. */
const triggered =
  (change: (action: PlanDefinitionAction) => void) =>
  ({ digital }: Shipped): void => {
    const { timingTiming: _timing, timingDuration: _duration, ...asked } = actionOf(digital, 'gad-7-m3');
    const part = (url: string, value: object) => ({ url, ...value });
    const action: PlanDefinitionAction = {
      ...asked,
      id: 'gad-7-after-phq-4',
      extension: [
        {
          url: `${B}/StructureDefinition/scheduled-form`,
          extension: [
            part('create-ahead-days', { valueInteger: 0 }),
            part('remind-after-days', { valueInteger: 2 }),
            part('window-days', { valueInteger: 7 }),
            part('not-again-within-days', { valueInteger: 28 }),
          ],
        },
      ],
      condition: [
        {
          kind: 'applicability',
          extension: [
            {
              url: `${B}/StructureDefinition/comparison`,
              extension: [
                part('measure', { valueCode: 'phq-4' }),
                part('comparator', { valueString: '>=' }),
                part('value', { valueDecimal: 6 }),
                part('readings', { valueInteger: 1 }),
                part('max-age-days', { valueInteger: 1 }),
              ],
            },
          ],
        },
      ],
    };
    change(action);
    digital.action!.push(action);
  };
const LAST = `${DIGITAL}#action[${shippedPlans().digital.action!.length}]`;
const FORM = `${LAST}.extension(scheduled-form)`;

const TRIGGERS: readonly Case[] = [
  [
    'a Task ahead of the answer that calls for it',
    triggered((it) => {
      partOf(it, 'scheduled-form', 'create-ahead-days').valueInteger = 2;
    }),
    `asked-before-answer ${FORM}.create-ahead-days`,
  ],
  [
    'a form that is called for again before it has closed',
    triggered((it) => {
      partOf(it, 'scheduled-form', 'not-again-within-days').valueInteger = 3;
    }),
    `windows-overlap ${FORM}.not-again-within-days`,
  ],
  [
    'a reminder after the form has closed',
    triggered((it) => {
      partOf(it, 'scheduled-form', 'remind-after-days').valueInteger = 7;
    }),
    `reminder-outside-window ${FORM}.remind-after-days`,
  ],
  [
    'a form that says for how long it is open no more than when it is due',
    triggered((it) => {
      partOf(it, 'scheduled-form').extension!.splice(2, 1);
    }),
    `malformed ${FORM}.window-days`,
  ],
  [
    'a condition without a comparison',
    triggered((it) => {
      it.condition = [{ kind: 'applicability', expression: { language: 'text/cql', expression: 'true' } }];
    }),
    `malformed ${LAST}.condition[0]`,
  ],
  [
    'a form that answers call for and that is due at an interval too',
    triggered((it) => {
      it.timingTiming = { repeat: { duration: 7, durationUnit: 'd', frequency: 1, period: 28, periodUnit: 'd' } };
    }),
    `malformed ${LAST}`,
  ],
  [
    'an answer that nobody is asked for calls for a form',
    triggered((it) => {
      partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'hads';
    }),
    `never-asked ${LAST}.condition[0]`,
  ],
  [
    'a score that nothing produces calls for a form',
    triggered((it) => {
      partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'phq-15';
    }),
    `unknown-measure ${LAST}.condition[0]`,
  ],
  [
    'a limit that every answer meets calls for a form',
    triggered((it) => {
      partOf(it.condition![0]!, 'comparison', 'value').valueDecimal = 0;
    }),
    `out-of-range ${LAST}.condition[0]`,
  ],
  [
    'a blinded rating of the alliance calls for a form',
    triggered((it) => {
      partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'wai-s-t';
      partOf(it.condition![0]!, 'comparison', 'value').valueDecimal = 40;
    }),
    `blinded-trigger ${LAST}.condition[0]`,
  ],
  [
    'a form whose own answer calls for it again',
    triggered((it) => {
      partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'gad-7';
      partOf(it.condition![0]!, 'comparison', 'value').valueDecimal = 10;
    }),
    `triggers-in-a-circle ${LAST}`,
  ],
  [
    'two forms whose answers call for each other',
    (plans) => {
      triggered((it) => {
        partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'phq-9';
        partOf(it.condition![0]!, 'comparison', 'value').valueDecimal = 10;
      })(plans);
      triggered((it) => {
        it.id = 'phq-9-after-gad-7';
        it.definitionCanonical = actionOf(plans.digital, 'phq-9-m3').definitionCanonical!;
        partOf(it.condition![0]!, 'comparison', 'measure').valueCode = 'gad-7';
        partOf(it.condition![0]!, 'comparison', 'value').valueDecimal = 10;
      })(plans);
    },
    `triggers-in-a-circle ${LAST}`,
  ],
  [
    'one form that two answers call for at overlapping times',
    (plans) => {
      triggered(() => {})(plans);
      triggered((it) => {
        it.id = 'gad-7-after-phq-9';
      })(plans);
    },
    `windows-overlap ${LAST.replace(/\d+\]$/, (it) => `${Number.parseInt(it, 10) + 1}]`)}`,
  ],
];

test.each([...RULES, ...DECISIONS, ...SCHEDULES, ...TRIGGERS, ...SAFETY])(
  'a protocol is refused at the start, its place named: %s',
  async (_title, change, refusal) => {
    expect(await refusalsOf(change)).toContain(refusal);
  },
);

test('the shipped protocol laid over itself is refused for nothing', async () => {
  expect(await refusalsOf(() => {})).toEqual([]);
});

test('the GAD-7 after a high PHQ-4, beside the GAD-7 at its visits, is refused for nothing', async () => {
  expect(await refusalsOf(triggered(() => {}))).toEqual([]);
});
