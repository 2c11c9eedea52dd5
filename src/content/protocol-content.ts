import type { ActivityDefinition, CodeSystem, PlanDefinition } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import type { Issue } from '../domain/outcome.ts';
import type { Protocol } from '../domain/protocol.ts';
import { canonicalOf, matchesCanonical } from './canonical.ts';
import { fault } from './content-error.ts';
import type { ResourceFile } from './content-files.ts';
import { checkRules } from './protocol-check.ts';
import { checkSchedules, checkScreening } from './protocol-check-schedule.ts';
import { checkTriggers } from './protocol-check-triggers.ts';
import { actionsIn, readLevels } from './protocol-levels.ts';
import { extensionNamed, type Place, partsOf, refuse, within } from './protocol-place.ts';
import { producedBy } from './protocol-range.ts';
import { readRules } from './protocol-rules.ts';
import { readSafety } from './protocol-safety.ts';
import { type Asking, type PlacedSchedule, readSchedule } from './protocol-schedule.ts';

const MARK = 'stepped-care-protocol';

interface PlanFile extends ResourceFile {
  readonly json: PlanDefinition;
}
const isPlan = (file: ResourceFile): file is PlanFile => file.json.resourceType === 'PlanDefinition';

const NONE: Protocol = {
  url: '',
  version: '',
  levels: [],
  rules: [],
  screening: { measure: '', overdueAfterDays: 0 },
  schedules: [],
  safety: { items: [], respondWithinMinutes: 0, chain: [], outcomes: [], watched: [] },
};

/**
 * The protocol of stepped care: the PlanDefinition marked as such, a site's own before the shipped one, with the schedules
 * that are its parts. Whatever contradicts itself is a fault.
 */
export function readProtocol(
  resources: readonly ResourceFile[],
  { instruments, visits }: Pick<Asking, 'instruments' | 'visits'>,
  issues: Issue[],
): Protocol {
  const file = protocolFile(resources, issues);
  if (file === undefined) return NONE;
  const activities = resources.flatMap((it) => (it.json.resourceType === 'ActivityDefinition' ? [it.json] : []));
  try {
    return assemble(file, resources, { instruments, visits, activities }, issues);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    issues.push(fault(file.path, '', 'malformed', `It is not shaped as FHIR says: ${error.message}`));
    return NONE;
  }
}

function protocolFile(resources: readonly ResourceFile[], issues: Issue[]): PlanFile | undefined {
  const marked = resources.filter(isPlan).filter((it) => extensionNamed(it.json.extension, MARK) !== undefined);
  const own = marked.filter((it) => it.origin === 'site');
  const [first, second] = own.length > 0 ? own : marked;
  if (first === undefined)
    issues.push(
      fault('profiles', '', 'missing-protocol', `No PlanDefinition carries the extension StructureDefinition/${MARK}.`),
    );
  if (second !== undefined)
    issues.push(fault(second.path, '', 'several-protocols', `${first?.path} is a protocol of stepped care too.`));
  return first;
}

function assemble(file: PlanFile, resources: readonly ResourceFile[], asking: Asking, issues: Issue[]): Protocol {
  const plan = file.json;
  const root: Place = { file: file.path, path: '', issues };
  const actions = actionsIn(plan.action, root);
  const levels = readLevels(actions, canonicalsOf(asking.activities));
  const rules = readRules(actions, new Set(levels.map((it) => it.level.code)));
  const schedules = schedulesOf(plan, root, resources, asking);
  const at = within(root, `extension(${MARK})`);
  const parts = partsOf(extensionNamed(plan.extension, MARK) ?? { url: '' }, at);
  const screening = {
    measure: parts.code('screening-measure'),
    overdueAfterDays: parts.whole('overdue-after-days', 1),
  };
  const askedElsewhere = new Set(parts.codes('asked-elsewhere'));
  const { instruments, visits } = asking;
  const roles = codesOf(resources, 'role');
  const safety = readSafety(extensionNamed(plan.extension, 'safety-policy'), root, {
    instruments,
    roles,
    outcomes: codesOf(resources, 'safety-outcome'),
  });
  checkRules({ levels, rules, schedules, instruments, roles, askedElsewhere }, root);
  checkSchedules(schedules, visits);
  checkTriggers({ schedules, instruments, askedElsewhere });
  checkScreening(screening, producedBy(screening, instruments)?.asked, askedElsewhere, schedules, at);
  return {
    url: plan.url ?? '',
    version: plan.version ?? '',
    levels: levels.map((it) => it.level),
    rules: rules.map((it) => it.rule),
    screening,
    schedules: schedules.map((it) => it.schedule),
    safety,
  };
}

const canonicalsOf = (activities: readonly ActivityDefinition[]): ReadonlySet<string> =>
  new Set(activities.map(({ url, version }) => canonicalOf({ url: url ?? '', version })));

function codesOf(resources: readonly ResourceFile[], name: string): ReadonlySet<string> {
  const isIt = (it: ResourceFile['json']): it is CodeSystem =>
    it.resourceType === 'CodeSystem' && it.url === codeSystem(name);
  return new Set(
    resources
      .map((it) => it.json)
      .filter(isIt)
      .flatMap((it) => (it.concept ?? []).map((c) => c.code)),
  );
}

/** The schedules that the protocol is composed of. */
function schedulesOf(
  plan: PlanDefinition,
  root: Place,
  resources: readonly ResourceFile[],
  asking: Asking,
): PlacedSchedule[] {
  return (plan.relatedArtifact ?? []).flatMap((artifact, index) => {
    if (artifact.type !== 'composed-of') return [];
    const asked = artifact.resource ?? '';
    const found = resources
      .filter(isPlan)
      .find(({ json: { url = '', version } }) => matchesCanonical(asked, canonicalOf({ url, version })));
    if (found !== undefined) return [readSchedule(found.json, { ...root, file: found.path }, asking)];
    refuse(within(root, `relatedArtifact[${index}].resource`), 'unknown-schedule', `There is no schedule ${asked}.`);
    return [];
  });
}
