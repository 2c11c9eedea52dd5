import type { ActivityDefinition, FhirResource } from 'fhir/r4.js';
import { wordsOf } from '../../content/words.ts';
import { type Display, MEASURE } from '../../domain/derived-observation.ts';
import type { ProgrammeSettings } from '../../domain/patient-record.ts';
import type { Level, LevelCode, Protocol, StepRule } from '../../domain/protocol.ts';
import type { Moment } from '../../domain/step-readings.ts';
import type { MeasureName } from '../../domain/step-sentence.ts';
import type { LevelActivity } from '../../domain/step-tasks.ts';
import type { PipelineContext } from '../context.ts';

/** What everything about steps asks: the protocol, the clock, the words. */
export interface StepContext {
  readonly protocol: Protocol;
  readonly settings: ProgrammeSettings;
  readonly display: Display;
  readonly measureName: MeasureName;
  readonly moment: Moment;
  /** The moment as an instant (UTC). */
  readonly now: string;
  activity(canonical: string): LevelActivity;
}

const isActivity = (it: FhirResource): it is ActivityDefinition => it.resourceType === 'ActivityDefinition';

/** The context of one moment, milliseconds since 1970. */
export function stepContext({ content, settings, display }: PipelineContext, nowMs: number): StepContext {
  const words = wordsOf(content.resources);
  const titles = new Map(content.resources.filter(isActivity).map((it) => [it.url, it.title ?? it.name]));
  return {
    protocol: content.protocol,
    settings,
    display,
    measureName: (code, language) => words(MEASURE, code, language),
    moment: { nowMs, zone: settings.timeZone },
    now: new Date(nowMs).toISOString(),
    activity: (canonical) => {
      const url = canonical.split('|')[0];
      return { canonical, title: titles.get(url) ?? url?.slice(url.lastIndexOf('/') + 1) ?? canonical };
    },
  };
}

export const levelNamed = ({ protocol }: Pick<StepContext, 'protocol'>, code: LevelCode | undefined) =>
  protocol.levels.find((it) => it.code === code);

export const ruleNamed = ({ protocol }: Pick<StepContext, 'protocol'>, id: string | undefined): StepRule | undefined =>
  protocol.rules.find((it) => it.id === id);

/** Levels are cumulative: what this one adds, and what those below it do. */
export const activitiesOf = ({ protocol }: Pick<StepContext, 'protocol'>, level: Level): string[] =>
  protocol.levels.filter((it) => it.rank <= level.rank).flatMap((it) => it.activities);

/** An arm has levels where its schedule says so; an arm that no schedule names is of care alone. */
export function armHasLevels({ protocol }: Pick<StepContext, 'protocol'>, arm: string | undefined): boolean {
  const own = protocol.schedules.filter((it) => arm !== undefined && it.arm === arm);
  return own.length === 0 || own.some((it) => it.levels === true);
}

/** Roles that may decide anything at all, for what no rule speaks about. */
export const allDeciders = ({ protocol }: Pick<StepContext, 'protocol'>): string[] => [
  ...new Set(protocol.rules.flatMap((it) => it.decision.deciders)),
];
