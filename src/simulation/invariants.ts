import type { CarePlan, FhirResource, Flag, Task } from 'fhir/r4.js';
import { isProposal, levelOf, ruleOf } from '../domain/care-plan.ts';
import type { Protocol } from '../domain/protocol.ts';
import { isQuestionnaireTask } from '../domain/questionnaire-task.ts';
import { literal } from '../domain/reference.ts';
import { isOpen, TASK_IDENTIFIER } from '../domain/review-task.ts';
import { FLAG_DETAIL, isSafetyTask } from '../domain/safety-sign.ts';
import type { FhirServer, Search } from '../fhir/port.ts';

/** Something that must never be: what, and where to look. References only. */
export interface Violation {
  readonly patient: string;
  readonly rule: string;
  readonly where: string;
}

const DAY_MS = 86_400_000;
const CHUNK = 40;

/** Reads the care of these patients back from the server and checks every invariant on each. */
export async function violations(
  server: FhirServer,
  patients: readonly string[],
  protocol: Protocol,
): Promise<Violation[]> {
  const found: Violation[] = [];
  for (let start = 0; start < patients.length; start += CHUNK) {
    const chunk = patients.slice(start, start + CHUNK);
    const about = (type: 'CarePlan' | 'Task' | 'Flag', name: string): Search => ({
      type,
      params: [
        [name, chunk.join(',')],
        ['_count', '1000'],
      ],
    });
    const pages = await server.searchAll([
      about('CarePlan', 'subject'),
      about('Task', 'patient'),
      about('Flag', 'patient'),
    ]);
    const resources = pages.flatMap((it) => it.resources);
    for (const patient of chunk) found.push(...ofPatient(patient, resources, server.baseUrl, protocol));
  }
  return found;
}

function ofPatient(patient: string, all: readonly FhirResource[], baseUrl: string, protocol: Protocol): Violation[] {
  const plans = all.filter(
    (it): it is CarePlan => it.resourceType === 'CarePlan' && literal(it.subject, baseUrl) === patient,
  );
  const tasks = all.filter((it): it is Task => it.resourceType === 'Task' && literal(it.for, baseUrl) === patient);
  const flags = all.filter((it): it is Flag => it.resourceType === 'Flag' && literal(it.subject, baseUrl) === patient);
  const broken = (rule: string, where: string): Violation => ({ patient, rule, where });
  return [
    ...ofPlans(plans, protocol, baseUrl).map(([rule, where]) => broken(rule, where)),
    ...ofTasks(tasks).map(([rule, where]) => broken(rule, where)),
    ...ofSigns(flags, tasks, baseUrl).map(([rule, where]) => broken(rule, where)),
  ];
}

type Broken = readonly [rule: string, where: string];
const named = (it: FhirResource): string => `${it.resourceType}/${it.id}`;

function ofPlans(all: readonly CarePlan[], protocol: Protocol, baseUrl: string): Broken[] {
  const stepped = all.filter((it) => levelOf(it) !== undefined && it.status !== 'entered-in-error');
  const plans = stepped.filter((it) => it.intent === 'plan');
  const active = plans.filter((it) => it.status === 'active' || it.status === 'on-hold');
  const open = stepped.filter((it) => isProposal(it) && it.status === 'draft');
  const broken: Broken[] = [];
  if (active.length > 1) broken.push(['at most one CarePlan in force', active.map(named).join(' ')]);
  if (open.length > 1) broken.push(['at most one proposal waits', open.map(named).join(' ')]);
  for (const proposal of stepped.filter(isProposal)) {
    const reasoned = ruleOf(proposal) !== undefined && proposal.description !== undefined;
    if (!reasoned || (proposal.supportingInfo ?? []).length === 0)
      broken.push(['a proposal says its rule, its reason and what it rests on', named(proposal)]);
  }
  for (const plan of plans) broken.push(...ofChain(plan, plans, stepped, protocol, baseUrl));
  return broken;
}

/** The plan that this one replaced ended when this one began, and not before the rule's dwell was over. */
function ofChain(
  plan: CarePlan,
  plans: readonly CarePlan[],
  stepped: readonly CarePlan[],
  protocol: Protocol,
  baseUrl: string,
): Broken[] {
  const before = (plan.replaces ?? []).map((it) => literal(it, baseUrl));
  const old = plans.find((it) => before.includes(named(it)));
  if (old === undefined) return before.length === 0 ? [] : [['a plan replaces one that is there', named(plan)]];
  const broken: Broken[] = [];
  const [start, end] = [Date.parse(old.period?.start ?? ''), Date.parse(old.period?.end ?? '')];
  if (old.period?.end !== plan.period?.start)
    broken.push(['the old plan ends when the new one starts', `${named(old)} ${named(plan)}`]);
  if (old.status === 'active') broken.push(['a plan that was replaced is closed', named(old)]);
  const based = (plan.basedOn ?? []).map((it) => literal(it, baseUrl));
  const proposal = stepped.find((it) => isProposal(it) && based.includes(named(it)));
  const rule = protocol.rules.find((it) => proposal !== undefined && it.id === ruleOf(proposal)?.action);
  if (rule !== undefined && end - start < rule.minimumDwellDays * DAY_MS)
    broken.push(['no level is left before its dwell', `${named(old)} ${rule.id}`]);
  return broken;
}

function ofTasks(tasks: readonly Task[]): Broken[] {
  const broken: Broken[] = [];
  const keys = new Map<string, string>();
  for (const task of tasks.filter((it) => isOpen(it) && isQuestionnaireTask(it))) {
    const key = `${task.groupIdentifier?.value}|${task.owner?.reference}|${task.focus?.reference}`;
    const other = keys.get(key);
    if (other !== undefined)
      broken.push([
        'one open Task for a plan, instrument, rater, rated therapist and window',
        `${other} ${named(task)}`,
      ]);
    keys.set(key, named(task));
  }
  broken.push(...ofCalledFor(tasks));
  const ids = new Set<string>();
  for (const task of tasks) {
    const id = task.identifier?.find((it) => it.system === TASK_IDENTIFIER)?.value;
    if (id === undefined) continue;
    if (ids.has(id)) broken.push(['one Task for an identity', named(task)]);
    ids.add(id);
  }
  return broken;
}

/** Of a form that answers call for: each Task names an answer, none is called for by the same one twice, one is open. */
function ofCalledFor(tasks: readonly Task[]): Broken[] {
  const broken: Broken[] = [];
  const called = tasks.filter(
    (it) => isQuestionnaireTask(it) && it.reasonReference !== undefined && it.status !== 'entered-in-error',
  );
  for (const [form, own] of Map.groupBy(called, (it) => `${it.input?.[0]?.valueCanonical}|${it.owner?.reference}`)) {
    const answers = own.map((it) => it.reasonReference?.reference ?? '');
    if (answers.includes('') || new Set(answers).size < own.length)
      broken.push(['a Task that an answer called for names it, and each answer calls once', own.map(named).join(' ')]);
    if (own.filter(isOpen).length > 1) broken.push(['one open Task of a form that answers call for', form]);
  }
  return broken;
}

function ofSigns(flags: readonly Flag[], tasks: readonly Task[], baseUrl: string): Broken[] {
  const signs = flags.filter((it) => it.extension?.some((one) => one.url === FLAG_DETAIL));
  return signs.flatMap((flag): Broken[] => {
    const own = tasks.filter((it) => isSafetyTask(it) && literal(it.focus, baseUrl) === named(flag));
    if (own.length !== 1) return [['a sign has exactly one Task', named(flag)]];
    return own[0]?.owner?.reference === undefined ? [['every sign has an owner', named(flag)]] : [];
  });
}
