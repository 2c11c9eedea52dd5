import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import type { Query } from '../../src/domain/queries.ts';
import * as safety from '../../src/domain/safety-queries.ts';
import * as schedule from '../../src/domain/schedule-queries.ts';
import * as steps from '../../src/domain/step-queries.ts';

const AT = '2026-01-01T00:00:00Z';
const P = ['Patient/a'];
const T = ['Practitioner/a'];

/** Every search of stepped care, as each module builds it; `idsOf` builds none. */
const BUILT: Record<string, readonly Query[]> = {
  changedQuestionnaireTasks: [schedule.changedQuestionnaireTasks(AT)],
  questionnaireTasksOf: [schedule.questionnaireTasksOf(P)],
  questionnaireTasksOwnedBy: [schedule.questionnaireTasksOwnedBy(T)],
  openQuestionnaireTasks: [schedule.openQuestionnaireTasks()],
  activeReminders: [schedule.activeReminders()],
  remindersTo: [schedule.remindersTo(P)],
  remindersAbout: [schedule.remindersAbout(P)],
  changedMeasures: [steps.changedMeasures(['phq-9'], AT)],
  changedStaff: (['Practitioner', 'PractitionerRole'] as const).map((type) => steps.changedStaff(type, AT)),
  decideTasksOwnedBy: [steps.decideTasksOwnedBy(T)],
  measuresOf: [steps.measuresOf(P, ['phq-9'])],
  stepTasksOf: [steps.stepTasksOf(P)],
  patientsLinkedTo: [steps.patientsLinkedTo(P)],
  practitionerRolesOf: [steps.practitionerRolesOf(T)],
  openProposals: [steps.openProposals()],
  amendedPlans: [steps.amendedPlans()],
  provenanceOf: [steps.provenanceOf(['CarePlan/a'])],
  idsOf: [],
  changedAnswers: [safety.changedAnswers(['urn:q'], AT)],
  changedMembership: (['ResearchSubject', 'EpisodeOfCare', 'CarePlan'] as const).map((type) =>
    safety.changedMembership(type, AT),
  ),
  safetyFlagsById: [safety.safetyFlagsById(['a'])],
  safetyTasksById: [safety.safetyTasksById(['a'])],
  noticesOfSteps: [safety.noticesOfSteps(['a'])],
  changedLinks: [safety.changedLinks(AT)],
  completedSafetyTasks: [safety.completedSafetyTasks(AT), safety.completedSafetyTasks(undefined)],
  openSafetyTasks: [safety.openSafetyTasks(), safety.openSafetyTasks('requested', P)],
  listByIdentifier: [safety.listByIdentifier('urn:s', 'v')],
};
const OF_THE_RESULT = ['_count', '_sort', '_elements'];

const file = join(import.meta.dirname, '..', '..', 'profiles', 'CapabilityStatement-hospital-server.json');
const statement: CapabilityStatement = JSON.parse(readFileSync(file, 'utf8'));
const declared = statement.rest![0]!.resource!;

test('every search of stepped care, the schedule and the safety path is declared in what Vincle asks of the server', () => {
  expect(Object.keys(BUILT).sort()).toEqual(
    [schedule, steps, safety]
      .flatMap((it) => Object.entries(it).flatMap(([name, one]) => (typeof one === 'function' ? [name] : [])))
      .sort(),
  );
  const undeclared = Object.values(BUILT)
    .flat()
    .flatMap(({ type, params }) =>
      params
        .map(([name]) => name)
        .filter((name) => !OF_THE_RESULT.includes(name))
        .filter((name) => !declared.find((it) => it.type === type)?.searchParam?.some((it) => it.name === name))
        .map((name) => `${type}?${name}`),
    );
  expect([...new Set(undeclared)]).toEqual([]);
});
