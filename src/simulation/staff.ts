import type { CarePlan } from 'fhir/r4.js';
import { STEPPED_CARE } from '../domain/membership.ts';
import { randomOf } from '../embedded/cohort/random.ts';
import { acknowledge, close } from '../pipeline/safety/decide-sign.ts';
import { listSigns } from '../pipeline/safety/list-signs.ts';
import type { SafetyPorts } from '../pipeline/safety/safety-ports.ts';
import { decide } from '../pipeline/steps/decide.ts';
import type { Doing } from '../pipeline/steps/held-person.ts';
import { recordAgreement } from '../pipeline/steps/record-position.ts';
import { type Answering, daysSince } from './answer-tasks.ts';
import { CHANCES } from './options.ts';
import type { World } from './world.ts';

/** What clinicians did at one tick. */
export interface Worked {
  approved: number;
  declined: number;
  takenUp: number;
  closed: number;
  readonly touched: string[];
}

async function proposals({ server }: SafetyPorts, world: World): Promise<CarePlan[]> {
  const found: CarePlan[] = [];
  const params = [
    ['category', `${STEPPED_CARE}|`],
    ['status', 'draft'],
    ['intent', 'proposal'],
    ['_count', '500'],
  ] as const;
  for await (const page of server.search({ type: 'CarePlan', params })) found.push(...page.resources);
  return found.filter((it) => world.people.has(it.subject.reference ?? ''));
}

/** Clinicians look at what waits: proposals are decided by name, signs taken up and closed; some of it has to wait. */
export async function work(
  ports: SafetyPorts,
  world: World,
  doing: Doing,
  { seed, tick, startMs }: Pick<Answering, 'seed' | 'tick' | 'startMs'>,
): Promise<Worked> {
  const worked: Worked = { approved: 0, declined: 0, takenUp: 0, closed: 0, touched: [] };
  for (const proposal of await proposals(ports, world)) {
    const index = world.people.get(proposal.subject.reference ?? '')?.who.index ?? 0;
    const random = randomOf(seed, 'decide', index, tick);
    if (random.chance(CHANCES.decides)) await decided(ports, proposal, world, doing, random.unit(), worked);
  }
  for (const sign of (await listSigns(ports, doing.now())).open) {
    const person = world.people.get(sign.patient ?? '');
    if (person === undefined) continue;
    const random = randomOf(seed, 'sign', person.who.index, daysSince(startMs, Date.parse(sign.raisedAt ?? '')), tick);
    const acting = { task: sign.task, by: person.therapist, now: doing.now };
    if (sign.state === 'raised' && random.chance(CHANCES.takesUp)) {
      if ((await acknowledge(ports, acting)).kind === 'done') worked.takenUp += 1;
      worked.touched.push(person.reference);
    } else if (sign.state === 'acknowledged' && random.chance(CHANCES.closes)) {
      if ((await close(ports, acting, ports.safety.policy.outcomes[0] ?? '')).kind === 'done') worked.closed += 1;
      worked.touched.push(person.reference);
    }
  }
  return worked;
}

async function decided(
  ports: SafetyPorts,
  proposal: CarePlan,
  world: World,
  doing: Doing,
  chance: number,
  worked: Worked,
): Promise<void> {
  const person = world.people.get(proposal.subject.reference ?? '');
  if (person === undefined || proposal.id === undefined) return;
  const by = person.therapist;
  const approve = { proposal: proposal.id, by, outcome: 'approved' } as const;
  const decline = { proposal: proposal.id, by, outcome: 'declined', reason: 'Talked it over: not now.' } as const;
  worked.touched.push(person.reference);
  if (chance >= CHANCES.approves) {
    if ((await decide(ports, decline, doing)).kind === 'decided') worked.declined += 1;
    return;
  }
  const first = await decide(ports, approve, doing);
  if (first.kind === 'decided') worked.approved += 1;
  if (first.kind !== 'agreement-missing') return;
  const agrees = chance < CHANCES.approves * CHANCES.agrees;
  await recordAgreement(ports, { carePlan: proposal.id, kind: agrees ? 'agreed' : 'refused', by }, doing);
  const second = await decide(ports, agrees ? approve : decline, doing);
  if (second.kind === 'decided') worked[agrees ? 'approved' : 'declined'] += 1;
}
