import type { Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import type { Issue } from '../domain/outcome.ts';

/** What one Questionnaire may hold: another publisher's comes from outside, and recursion and compilation are bounded. */
export const MAX_DEPTH = 24;
export const MAX_ITEMS = 5_000;

/** One item with the linkIds of what it stands in, outermost first. */
export interface ItemNode {
  readonly item: QuestionnaireItem;
  readonly ancestors: readonly string[];
}

/** Every item in document order; issues where the Questionnaire is too deep, too large, or names a linkId twice or not. */
export function readTree(questionnaire: Questionnaire): ReadonlyMap<string, ItemNode> | readonly Issue[] {
  const nodes = new Map<string, ItemNode>();
  const issues: Issue[] = [];
  const visit = (items: readonly QuestionnaireItem[], ancestors: readonly string[]): void => {
    if (ancestors.length >= MAX_DEPTH) {
      issues.push(wrong('too-deep', `Items are nested deeper than ${MAX_DEPTH}.`, ancestors[0]));
      return;
    }
    for (const item of items) {
      if (issues.length > 0) return;
      if (typeof item.linkId !== 'string' || item.linkId === '')
        issues.push(wrong('item-without-linkid', 'An item has no linkId.'));
      else if (nodes.has(item.linkId))
        issues.push(wrong('duplicate-linkid', 'Two items have the same linkId.', item.linkId));
      else if (nodes.size >= MAX_ITEMS) issues.push(wrong('too-large', `It has more than ${MAX_ITEMS} items.`));
      else {
        nodes.set(item.linkId, { item, ancestors });
        visit(item.item ?? [], [...ancestors, item.linkId]);
      }
    }
  };
  visit(questionnaire.item ?? [], []);
  return issues.length > 0 ? issues : nodes;
}

const wrong = (reason: string, diagnostics: string, linkId?: string): Issue => ({
  severity: 'error',
  code: 'structure',
  reason,
  diagnostics,
  expression: linkId === undefined ? 'Questionnaire.item' : `Questionnaire.descendants().where(${whereLinkId(linkId)})`,
});

const LONGEST = 80;

/** `linkId='…'` for a FHIRPath, quoted, and cut where somebody sent a linkId as long as a book. */
export function whereLinkId(linkId: string): string {
  const cut = linkId.length > LONGEST ? `${linkId.slice(0, LONGEST)}…` : linkId;
  return `linkId='${cut.replace(/[\\']/g, '\\$&').replace(/\s/g, ' ')}'`;
}
