import type { CarePlan, Observation, Provenance, Task } from 'fhir/r4.js';
import type { StepRecord } from '../../src/domain/step-record.ts';
import type { StepContext } from '../../src/pipeline/steps/step-context.ts';
import type { StepLedger } from '../../src/pipeline/steps/step-ledger.ts';
import { PROTOCOL } from './protocol.ts';

const BASE = 'http://hospital.test/fhir';
const ROLE = 'https://w3id.org/vincle/CodeSystem/role';
export const PEOPLE = ['Practitioner/anna', 'Practitioner/bernat'] as const;

/** The moment of a pure run. */
export const contextAt = (nowMs: number): StepContext => ({
  protocol: PROTOCOL,
  settings: { study: 'ResearchStudy/s', episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: BASE },
  display: () => undefined,
  measureName: () => undefined,
  moment: { nowMs, zone: 'Europe/Madrid' },
  now: new Date(nowMs).toISOString(),
  activity: (canonical) => ({ canonical, title: canonical }),
});

/** The record of one person in memory, written to as a server would be: whole, or only as far as a process got. */
export class Course {
  record: StepRecord;
  readonly provenance = new Map<string, Provenance>();

  constructor() {
    this.record = {
      subject: 'Patient/p',
      patient: { resourceType: 'Patient', id: 'p' },
      aliases: ['Patient/p'],
      patients: [{ resourceType: 'Patient', id: 'p' }],
      responses: [],
      reviews: [],
      caresForProgramme: false,
      derived: [],
      carePlans: [],
      tasks: [],
      episodes: [],
      careTeams: [
        {
          resourceType: 'CareTeam',
          id: 'team',
          status: 'active',
          participant: PEOPLE.map((reference) => ({
            member: { reference },
            role: [{ coding: [{ system: ROLE, code: 'psycho-oncologist' }] }],
          })),
        },
      ],
      researchSubjects: [
        {
          resourceType: 'ResearchSubject',
          status: 'on-study',
          study: { reference: 'ResearchStudy/s' },
          individual: { reference: 'Patient/p' },
        },
      ],
      consents: [],
      practitioners: new Map(),
      practitionerRoles: [],
      roles: new Map(),
    };
  }

  /** Writes the first `count` changes: a process killed there got no further. */
  write(ledger: StepLedger, count = Number.POSITIVE_INFINITY): void {
    const carePlans = new Map(this.record.carePlans.map((it) => [it.id, it]));
    const tasks = new Map(this.record.tasks.map((it) => [it.id, it]));
    for (const { resource } of ledger.changes().slice(0, count)) {
      if (resource.resourceType === 'CarePlan') carePlans.set(resource.id, resource);
      else if (resource.resourceType === 'Task') tasks.set(resource.id, resource);
      else this.provenance.set(resource.id ?? '', resource);
    }
    this.record = { ...this.record, carePlans: [...carePlans.values()], tasks: [...tasks.values()] };
  }

  observe(observation: Observation): void {
    const others = this.record.derived.filter((it) => it.id !== observation.id);
    this.record = { ...this.record, derived: [...others, observation] };
  }

  die(): void {
    const patient = { ...this.record.patient, resourceType: 'Patient' as const, deceasedBoolean: true };
    this.record = { ...this.record, patient, patients: [patient] };
  }

  get plans(): CarePlan[] {
    return this.record.carePlans.filter((it) => it.intent === 'plan');
  }

  get proposals(): CarePlan[] {
    return this.record.carePlans.filter((it) => it.intent === 'proposal');
  }

  get decideTasks(): Task[] {
    return this.record.tasks.filter((it) => it.code?.coding?.[0]?.code === 'decide-step');
  }
}
