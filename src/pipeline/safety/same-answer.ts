import type { Task } from 'fhir/r4.js';
import { sameSheet } from '../../domain/paper-sheet.ts';
import type { SafetySign } from '../../domain/safety.ts';
import { type SignKey, safetyTaskId, signKey } from '../../domain/safety-identity.ts';
import { isRise, seenAnswer, withSameAnswer } from '../../domain/safety-sign.ts';
import { FhirError } from '../../fhir/port.ts';
import type { Judged } from './judged.ts';
import type { Case } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import type { SafetyRun } from './safety-run.ts';

/** What the same answer of the same sheet of paper may already be known by. */
export const sheetKeys = (it: Case, item: string): readonly SignKey[] =>
  sameSheet(it.response).map((identifier) => signKey(it.patient, { ...it.response, identifier }, item));

/**
 * The sign that stands for this very answer already: of the same sheet, and as bad or worse. `undefined` where none does
 * for sure; what cannot be read is the same as nothing.
 */
export function standingForSame(it: Case, sign: SafetySign, byId: ReadonlyMap<string, Task>): Task | undefined {
  if (sign.answer === 'unreadable') return undefined;
  for (const key of sheetKeys(it, sign.item.linkId)) {
    for (let episode = 1; ; episode += 1) {
      const task = byId.get(safetyTaskId(key, episode));
      if (task === undefined) break;
      if (!isRise(seenAnswer(task), sign.answer)) return task;
    }
  }
  return undefined;
}

/** Of signs about to be raised for one sheet of paper, the one with the worst answer; the others are told in it. */
export function onceForSheet(judged: readonly Judged[]): readonly Judged[] {
  const idOf = (key: SignKey): string => safetyTaskId(key, 1);
  const numberOf = ({ sign }: Judged): number => (typeof sign?.answer === 'number' ? sign.answer : -1);
  const first = judged.filter((it) => it.verdict.kind === 'raise' && it.tasks.length === 0 && numberOf(it) >= 0);
  const kept = new Map<string, Judged>();
  const within = new Map<Judged, Judged>();
  for (const it of first.toSorted((a, b) => numberOf(b) - numberOf(a))) {
    const other = sheetKeys(it.it, it.item.linkId).flatMap((key) => kept.get(idOf(key)) ?? [])[0];
    if (other === undefined) kept.set(idOf(it.key), it);
    else within.set(it, other);
  }
  return judged.map((it): Judged => {
    if (within.has(it)) return { ...it, verdict: { kind: 'stands' } };
    const also = [...within].flatMap(([one, other]) => (other === it ? [one.it.reference] : []));
    return also.length === 0 ? it : { ...it, also };
  });
}

/** The standing sign learns where the same answer stands too. Whoever changed it meanwhile wins; the next look tells it again. */
export async function noteSame({ server }: SafetyPorts, { verdict, it }: Judged, run: SafetyRun): Promise<void> {
  if (verdict.kind !== 'same') return;
  const next = withSameAnswer(verdict.task, [it.reference]);
  if (next === verdict.task) return;
  const versionId = verdict.task.meta?.versionId;
  try {
    await server.write({
      method: 'PUT',
      resource: next,
      ...(versionId === undefined ? {} : { ifMatch: versionId }),
    });
    run.noted += 1;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    run.failed += 1;
  }
}
