import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import { FhirError } from '../fhir/port.ts';
import { type AllianceRun, emptyRun } from './alliance-run.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { computeHeld, type Holding } from './compute-held.ts';
import type { Unfinished } from './compute-subjects.ts';
import { findAround } from './find-changed.ts';
import { FormLibrary } from './form-library.ts';
import type { ResponseOutcome } from './read-ratings.ts';

export type Now = Omit<Holding, 'state'>;

/** What came of computing at once; what could not be finished is due for the next run. */
export interface ComputedNow {
  readonly run: AllianceRun;
  readonly outcomes: readonly ResponseOutcome[];
  readonly unfinished: readonly Unfinished[];
}

/**
 * Brings everybody up to date whom these stored responses are about, between two runs of the job and under the same
 * lease. Whoever could not be computed, the server being away included, is left due: the next run takes them up.
 */
export async function computeNow(
  { server, state, context }: AlliancePorts,
  responses: readonly QuestionnaireResponse[],
  now: Now,
): Promise<ComputedNow> {
  const nowText = () => new Date(now.now()).toISOString();
  const run = emptyRun(false, false);
  const named = new Set(responses.flatMap((it) => it.subject?.reference ?? []));
  const due = (unfinished: readonly Unfinished[]) =>
    state.addDue(unfinished.map((it) => ({ ...it, since: nowText() })));
  try {
    const changed = await findAround(server, responses, nowText(), context);
    for (const subject of changed.subjects) named.add(subject);
    const { unfinished, outcomes } = await computeHeld(
      [...changed.subjects],
      {
        server,
        context,
        run,
        contested: changed.contested,
        fresh: changed.fresh,
        responsesBySubject: changed.responsesBySubject,
        reviews: byResponse(changed.reviews),
        forms: new FormLibrary(server, context.content),
        sameContent: true,
        dryRun: false,
        now: nowText,
      },
      { ...now, state },
    );
    if (unfinished.length > 0) await due(unfinished);
    return { run, outcomes, unfinished };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const unfinished = [...named]
      .filter((it) => /^(Patient|Practitioner)\/[A-Za-z0-9\-.]{1,64}$/.test(it))
      .map((subject) => ({ subject, reason: `${error.kind}: ${error.message}` }));
    if (unfinished.length > 0) await due(unfinished);
    return { run, outcomes: [], unfinished };
  }
}

const byResponse = (tasks: readonly Task[]): Map<string, Task> =>
  new Map(
    tasks.flatMap((it): [string, Task][] => (it.focus?.reference === undefined ? [] : [[it.focus.reference, it]])),
  );
