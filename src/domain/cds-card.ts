import { codeSystem } from './canonicals.ts';
import type { RuleNamed } from './care-plan.ts';

/** What a card is about; also how it is counted. */
export const CDS_CARD = codeSystem('cds-card');
/** Why somebody dismissed a card. */
export const OVERRIDE_REASON = codeSystem('cds-override-reason');

/** Codes of `CodeSystem/cds-card`. */
export type CardTopic = 'safety' | 'proposal' | 'overdue' | 'level' | 'alliance';

/** A card by what it is counted under: its topic, or of a proposal the rule in its version. */
export const cardKey = (topic: CardTopic, rule?: RuleNamed): string =>
  rule === undefined ? topic : `${rule.canonical}|${rule.version}#${rule.action}`;
