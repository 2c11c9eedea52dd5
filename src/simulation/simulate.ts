import type { CarePlan, FhirResource, QuestionnaireResponse } from 'fhir/r4.js';
import { levelOf } from '../domain/care-plan.ts';
import { dateOfDay, dayNumber, hourOfDay } from '../domain/instant.ts';
import { STEPPED_CARE } from '../domain/membership.ts';
import { addMonths } from '../domain/visit.ts';
import { randomOf } from '../embedded/cohort/random.ts';
import type { FhirServer } from '../fhir/port.ts';
import type { SafetyPorts } from '../pipeline/safety/safety-ports.ts';
import { enrol } from '../pipeline/steps/enrol.ts';
import { type Answering, amended, answersTo, daysSince, openTasks } from './answer-tasks.ts';
import { type Violation, violations } from './invariants.ts';
import { type Costs, jobsOf, type Running } from './jobs.ts';
import { events, live } from './life.ts';
import { CHANCES, type SimulationOptions } from './options.ts';
import { type Worked, work } from './staff.ts';
import type { World } from './world.ts';
import type { Tick, Year } from './year.ts';

export interface Simulating extends SimulationOptions {
  readonly overlapMs: number;
  /** At so many ticks before the end nobody decides: what is proposed and raised then waits for whoever looks. */
  readonly leaveOpen?: number;
  readonly signal?: AbortSignal;
  readonly onTick?: (done: number, of: number) => void;
}

const HOUR_MS = 3_600_000;
const NOTHING_DONE: Worked = { approved: 0, declined: 0, takenUp: 0, closed: 0, touched: [] };
const BATCH = 100;
/** Of the answers given, so many may still be corrected. */
const RECENT = 500;

/** Everything that one simulation remembers between two ticks; what is clinical stands on the server. */
interface Course {
  readonly ports: SafetyPorts;
  readonly world: World;
  readonly options: Simulating;
  readonly jobs: ReturnType<typeof jobsOf>;
  /** The hospital’s resources as they are now, by reference. */
  readonly held: Map<string, FhirResource>;
  readonly given: QuestionnaireResponse[];
  readonly enrolled: Set<string>;
  ranks: ReadonlyMap<string, number>;
}

/**
 * Runs a synthetic cohort through the months on a moved clock, with the jobs as they are: forms fall due and are answered,
 * scores follow, steps are proposed and decided, signs raised and taken up. After every tick the care of everybody whom it
 * touched is read back and checked. The world must stand on the server before.
 * @throws FhirError where the server is not reached
 */
export async function simulate(ports: SafetyPorts, world: World, options: Simulating): Promise<Year> {
  const started = performance.now();
  const costs: Costs = {};
  const course: Course = {
    ports,
    world,
    options,
    jobs: jobsOf(ports, costs),
    held: new Map(world.resources.map((it) => [`${it.resourceType}/${it.id}`, it])),
    given: [],
    enrolled: new Set(),
    ranks: new Map(),
  };
  const ticks: Tick[] = [];
  const broken: Violation[] = [];
  let checked = 0;
  const days = daysOf(options);
  for (const [index, day] of days.entries()) {
    options.signal?.throwIfAborted();
    const { tick, touched } = await once(course, index, day, index >= days.length - (options.leaveOpen ?? 0));
    ticks.push(tick);
    checked += touched.length;
    broken.push(...(await violations(ports.server, touched, ports.context.content.protocol)));
    options.onTick?.(index + 1, days.length);
  }
  const { patients, months, seed } = options;
  const all = Object.values(costs);
  return {
    patients,
    months,
    seed,
    levels: ports.context.content.protocol.levels.map((it) => it.code),
    ticks,
    violations: broken,
    checked,
    jobRequests: all.reduce((sum, it) => sum + it.requests, 0),
    jobSeconds: all.reduce((sum, it) => sum + it.seconds, 0),
    jobs: costs,
    seconds: (performance.now() - started) / 1000,
  };
}

function daysOf({ start, months, tickDays }: SimulationOptions): string[] {
  const [first, last] = [dayNumber(start), dayNumber(addMonths(start, months))];
  return Array.from({ length: Math.floor((last - first) / tickDays) + 1 }, (_, n) => dateOfDay(first + n * tickDays));
}

/** One look at the programme: the morning’s Tasks, the day’s answers, the evening’s jobs, and the staff after them. */
async function once(
  course: Course,
  tick: number,
  day: string,
  leavesOpen: boolean,
): Promise<{ tick: Tick; touched: string[] }> {
  const { ports, world, options, jobs } = course;
  const morning = hourOfDay(day, 9, ports.context.settings.timeZone);
  const at = (hours: number): Running => ({
    overlapMs: options.overlapMs,
    now: () => morning + hours * HOUR_MS,
    holder: `simulation-${process.pid}`,
    pause: async () => {},
  });
  const touched = new Set(await enrolDue(course, day, at(0)));
  for (const it of await happen(course, tick, morning)) touched.add(it);
  const due = await jobs.schedule(at(1));
  const startMs = hourOfDay(options.start, 0, ports.context.settings.timeZone);
  const answering: Answering = { seed: options.seed, tick, startMs, nowMs: morning + 10 * HOUR_MS };
  const answers = answersTo(await openTasks(ports.server, world), world, answering);
  const again = amendments(course, answering);
  await put(ports.server, [...answers, ...again]);
  course.given.push(...answers);
  for (const it of [...answers, ...again]) touched.add(it.subject?.reference ?? '');
  const safety = await jobs.safety(at(11));
  await jobs.alliance(at(11));
  const steps = await jobs.steps(at(11));
  const escalated = await jobs.escalate(at(13));
  const worked = leavesOpen ? NOTHING_DONE : await work(ports, world, at(14), answering);
  for (const it of worked.touched) touched.add(it);
  const after = await jobs.schedule(at(14));
  const levels = await present(course);
  return {
    touched: [...touched].filter((it) => world.people.has(it)),
    tick: {
      date: day,
      levels,
      answers: answers.length,
      amended: again.length,
      proposed: steps.proposed,
      approved: worked.approved,
      declined: worked.declined,
      revoked: steps.withdrawn + steps.expired,
      signs: safety.raised,
      takenUp: worked.takenUp,
      escalations: escalated.told,
      asked: due.created + after.created,
      reminded: due.reminded + after.reminded,
      expired: due.expired + after.expired,
    },
  };
}

/** A clinician takes the patients of the digital arm into stepped care on the day of their inclusion. */
async function enrolDue({ ports, world, held, enrolled }: Course, day: string, doing: Running): Promise<string[]> {
  const touched: string[] = [];
  for (const it of held.values()) {
    if (it.resourceType !== 'ResearchSubject' || it.assignedArm !== 'digital') continue;
    const person = world.people.get(it.individual.reference ?? '');
    if (person === undefined || enrolled.has(person.reference) || (it.period?.start ?? '') > day) continue;
    if (person.gone !== undefined) continue;
    const result = await enrol(ports, { patient: person.reference, by: person.therapist }, doing);
    if (result.kind !== 'enrolled') throw new Error(`${person.reference} could not be enrolled: ${result.kind}`);
    enrolled.add(person.reference);
    touched.push(person.reference);
  }
  return touched;
}

/** What happens to people between two ticks: how they are, and what the hospital’s records say of them. */
async function happen({ ports, world, held, options, ranks }: Course, tick: number, nowMs: number): Promise<string[]> {
  const changed: FhirResource[] = [];
  const touched: string[] = [];
  for (const person of world.people.values()) {
    live(person, ranks.get(person.reference) ?? 1, options.seed, tick);
    const happened = events(person, world, held, options.seed, tick, nowMs);
    if (happened.length > 0) touched.push(person.reference);
    changed.push(...happened);
  }
  for (const it of changed) held.set(`${it.resourceType}/${it.id}`, it);
  await put(ports.server, changed);
  return touched;
}

/** A few of the answers already given are corrected. */
function amendments({ given, world, options }: Course, at: Answering): QuestionnaireResponse[] {
  return given.slice(-RECENT).flatMap((response) => {
    const person = world.people.get(response.subject?.reference ?? '');
    if (person === undefined || person.gone !== undefined) return [];
    const day = daysSince(at.startMs, Date.parse(response.authored ?? ''));
    const random = randomOf(options.seed, 'amends', person.who.index, response.questionnaire ?? '', day, at.tick);
    return random.chance(CHANCES.amends) ? [amended(response, person, at)] : [];
  });
}

/** Puts resources as the hospital would. @throws FhirError */
export async function put(server: FhirServer, resources: readonly FhirResource[]): Promise<void> {
  for (let start = 0; start < resources.length; start += BATCH)
    await server.transaction(resources.slice(start, start + BATCH).map((resource) => ({ method: 'PUT', resource })));
}

/** Who is at which level now. */
async function present(course: Course): Promise<Record<string, number>> {
  const { ports, world } = course;
  const { levels } = ports.context.content.protocol;
  const count: Record<string, number> = Object.fromEntries(levels.map((it) => [it.code, 0]));
  const ranks = new Map<string, number>();
  const params = [
    ['category', `${STEPPED_CARE}|`],
    ['status', 'active'],
    ['_elements', 'subject,category,intent,status'],
    ['_count', '1000'],
  ] as const;
  for await (const page of ports.server.search({ type: 'CarePlan', params }))
    for (const plan of page.resources as CarePlan[]) {
      const level = levelOf(plan);
      const subject = plan.subject.reference ?? '';
      if (plan.intent !== 'plan' || level === undefined || !world.people.has(subject)) continue;
      count[level] = (count[level] ?? 0) + 1;
      ranks.set(subject, levels.find((it) => it.code === level)?.rank ?? 1);
    }
  course.ranks = ranks;
  return count;
}
