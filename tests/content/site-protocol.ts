import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Extension, FhirResource, PlanDefinition, PlanDefinitionAction } from 'fhir/r4.js';
import { ContentError } from '../../src/content/content-error.ts';
import { loadContent } from '../../src/content/load.ts';

export const ROOT = new URL('../..', import.meta.url).pathname;
export const B = 'https://w3id.org/vincle';

const FILES = {
  protocol: 'PlanDefinition-stepped-psychosocial-care.json',
  digital: 'PlanDefinition-study-digital-care.json',
  usual: 'PlanDefinition-study-usual-care.json',
} as const;

/** Shipped PlanDefinitions, to be changed by a test. */
export type Shipped = { [name in keyof typeof FILES]: PlanDefinition };

export const shippedPlans = (): Shipped => {
  const read = (name: keyof typeof FILES): PlanDefinition =>
    JSON.parse(readFileSync(join(ROOT, 'profiles', FILES[name]), 'utf8'));
  return { protocol: read('protocol'), digital: read('digital'), usual: read('usual') };
};

/** A folder for CONTENT_DIR with these resources in `profiles/`. */
export function siteWith(resources: readonly FhirResource[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-site-'));
  mkdirSync(join(folder, 'profiles'));
  for (const it of resources)
    writeFileSync(join(folder, 'profiles', `${it.resourceType}-${it.id}.json`), JSON.stringify(it));
  return folder;
}

/** Why content is refused with the shipped plans changed so: reason, file and place. */
export async function refusalsOf(change: (plans: Shipped) => void): Promise<string[]> {
  const plans = shippedPlans();
  change(plans);
  try {
    await loadContent({ shipped: ROOT, site: siteWith(Object.values(plans)) });
    return [];
  } catch (error) {
    if (error instanceof ContentError) return error.issues.map((it) => `${it.reason} ${it.expression}`);
    throw error;
  }
}

/** Everything below an action, itself first. */
const below = (action: PlanDefinitionAction): PlanDefinitionAction[] => [
  action,
  ...(action.action ?? []).flatMap(below),
];

/** The action of that id. */
export function actionOf(plan: PlanDefinition, id: string): PlanDefinitionAction {
  const found = (plan.action ?? []).flatMap(below).find((it) => it.id === id);
  if (found === undefined) throw new Error(`no action ${id}`);
  return found;
}

/** One part of an own extension, at whatever depth of names. */
export function partOf(
  element: { readonly extension?: Extension[] | undefined },
  name: string,
  ...parts: string[]
): Extension {
  const url = name.startsWith('http') ? name : `${B}/StructureDefinition/${name}`;
  let found: Extension | undefined = element.extension?.find((it) => it.url === url);
  for (const part of parts) found = found?.extension?.find((it) => it.url === part);
  if (found === undefined) throw new Error(`no part ${[name, ...parts].join('.')}`);
  return found;
}
