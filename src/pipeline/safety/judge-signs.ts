import type { Flag, Task } from 'fhir/r4.js';
import { isBefore } from '../../domain/safety.ts';
import type { OldAnswer } from '../../domain/safety-backlog.ts';
import { FLAG_IDENTIFIER, flagId, type SignKey, safetyTaskId, signKey } from '../../domain/safety-identity.ts';
import { idOfTask } from '../../domain/safety-notice.ts';
import { safetyFlagsById, safetyTasksById } from '../../domain/safety-queries.ts';
import { stateOf, type Verdict, verdictOn } from '../../domain/safety-sign.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { applyVerdicts } from './apply-verdicts.ts';
import type { Judged } from './judged.ts';
import { listOld } from './list-old.ts';
import { RECORD_QUERIES, recordQueries, recordsOf, type SafetyRecord } from './load-people.ts';
import { withMerged } from './merged-records.ts';
import { type Case, isWatchedPatient, type RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import type { SafetyRun } from './safety-run.ts';
import { onceForSheet, sheetKeys, standingForSame } from './same-answer.ts';

/** Episodes that are asked for at once; a sign that was closed and rose more often is asked for again. */
const EPISODES = 2;

/** Looks at these cases under the lease of their patients: who is of the programme, what stands there, what is to be done. */
export async function judgeAll(
  ports: SafetyPorts,
  cases: readonly Case[],
  options: RaiseOptions,
  run: SafetyRun,
): Promise<void> {
  const { server, context, safety } = ports;
  const patients = [...new Set(cases.map((it) => it.patient))];
  const keys = cases.flatMap((it) =>
    it.items.flatMap(({ item }) => [signKey(it.patient, it.response, item.linkId), ...sheetKeys(it, item.linkId)]),
  );
  const pages = await ask(server, [...recordQueries(patients), ...standingQueries(keys, 1)]);
  const own = recordsOf(patients, pages, context.settings.baseUrl);
  const records = await withMerged(server, own, context.settings);
  const standing = await withLaterEpisodes(server, keys, {
    flags: resourcesOf(pages[RECORD_QUERIES], 'Flag'),
    tasks: resourcesOf(pages[RECORD_QUERIES + 1], 'Task'),
  });
  const old: OldAnswer[] = [];
  const judged: Judged[] = [];
  for (const it of cases) {
    const record = records.get(it.patient);
    if (record === undefined || !isWatchedPatient(record, context.settings)) {
      run.outside += 1;
      continue;
    }
    const isOld = isBefore(it.response, safety.fromMs, context.settings.timeZone);
    for (const one of judge(it, record, standing)) {
      run.signs += one.sign === undefined ? 0 : 1;
      if (!isOld || one.verdict.kind !== 'raise') judged.push(one);
      else if (it.reference.reference !== undefined)
        old.push({ response: it.reference.reference, given: it.response.authored ?? it.response.meta?.lastUpdated });
    }
  }
  const once = onceForSheet(judged);
  run.standing += once.filter(
    ({ sign, verdict }) => sign !== undefined && (verdict.kind === 'stands' || verdict.kind === 'same'),
  ).length;
  await applyVerdicts(ports, once, options, run);
  const listed = await listOld(ports, old, options);
  if (listed === undefined) run.failed += old.length;
  else run.old += listed;
}

interface Standing {
  readonly flags: readonly Flag[];
  readonly tasks: readonly Task[];
}

const standingQueries = (keys: readonly SignKey[], from: number) => {
  const episodes = Array.from({ length: EPISODES }, (_, index) => from + index);
  return [
    safetyFlagsById(keys.flatMap((key) => episodes.map((it) => flagId(key, it)))),
    safetyTasksById(keys.flatMap((key) => episodes.map((it) => safetyTaskId(key, it)))),
  ];
};

/** Most signs have one episode: only of those whose last asked one stands there more are asked for. */
async function withLaterEpisodes(server: FhirServer, keys: readonly SignKey[], first: Standing): Promise<Standing> {
  let all = first;
  let asked = EPISODES;
  for (;;) {
    const there = new Set(all.tasks.map(idOfTask));
    const more = keys.filter((key) => there.has(safetyTaskId(key, asked)));
    if (more.length === 0) return all;
    const pages = await ask(server, standingQueries(more, asked + 1));
    all = {
      flags: [...all.flags, ...resourcesOf(pages[0], 'Flag')],
      tasks: [...all.tasks, ...resourcesOf(pages[1], 'Task')],
    };
    asked += EPISODES;
  }
}

const idOfFlag = (flag: Flag): string =>
  flag.identifier?.find((it) => it.system === FLAG_IDENTIFIER)?.value ?? flag.id ?? '';

function judge(it: Case, record: SafetyRecord, standing: Standing): Judged[] {
  const flags = new Map(standing.flags.map((flag) => [idOfFlag(flag), flag]));
  const byId = new Map(standing.tasks.map((task) => [idOfTask(task), task]));
  return it.items.map(({ item, sign }) => {
    const key = signKey(it.patient, it.response, item.linkId);
    const tasks: Task[] = [];
    for (
      let task = byId.get(safetyTaskId(key, 1));
      task !== undefined;
      task = byId.get(safetyTaskId(key, tasks.length + 1))
    )
      tasks.push(task);
    const same = sign === undefined || tasks.length > 0 ? undefined : standingForSame(it, sign, byId);
    const own = completed(verdictOn(tasks, sign), key, tasks, flags);
    const verdict: Verdict = same === undefined ? own : { kind: 'same', task: same };
    return { it, item, sign, key, record, flags, tasks, verdict };
  });
}

/** A Task whose Flag was never written, because the server has no transactions and somebody pulled the plug. */
function completed(verdict: Verdict, key: SignKey, tasks: readonly Task[], flags: ReadonlyMap<string, Flag>): Verdict {
  const latest = tasks.at(-1);
  const isWhole = latest === undefined || stateOf(latest) === 'closed' || flags.has(flagId(key, tasks.length));
  return verdict.kind === 'stands' && !isWhole ? { kind: 'raise', episode: tasks.length } : verdict;
}
