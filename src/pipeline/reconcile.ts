import type { FhirResource, Observation, Task } from 'fhir/r4.js';
import {
  idOfReview,
  isLasting,
  isOpen,
  type Review,
  reasonsOf,
  renewedReview,
  reviewTask,
  withdrawnReview,
} from '../domain/review-task.ts';
import { sameDerived } from '../domain/same-resource.ts';
import type { Write } from '../fhir/port.ts';
import { identityOf, inOurIds } from './server-ids.ts';

/** What must be written so that the server holds exactly what was derived. */
export interface Plan {
  readonly writes: readonly Write[];
  readonly unchanged: number;
  /** Observations that become `entered-in-error`, because what they rested on is gone. */
  readonly withdrawn: number;
  /** Ratings whose visit moved although the response did not change: the inclusion was corrected. */
  readonly revisited: number;
}

/** Derived Observations against those that stand there: put what differs, retire what nothing gives any more. */
export function reconcileObservations(derived: readonly Observation[], standing: readonly Observation[]): Plan {
  const there = new Map(standing.map((it) => [identityOf(it), it]));
  const comparable = new Map(inOurIds(standing).map((it) => [identityOf(it), it]));
  const writes: Write[] = [];
  let unchanged = 0;
  let revisited = 0;
  for (const wanted of derived) {
    const present = comparable.get(identityOf(wanted));
    there.delete(identityOf(wanted));
    if (present !== undefined && sameDerived(present, wanted)) unchanged += 1;
    else writes.push({ method: 'PUT', resource: wanted });
    if (present !== undefined && movedVisit(present, wanted)) revisited += 1;
  }
  const retired = [...there.values()].filter((it) => it.status !== 'entered-in-error');
  for (const observation of retired) writes.push(guarded({ ...observation, status: 'entered-in-error' }));
  return { writes, unchanged: unchanged + there.size - retired.length, withdrawn: retired.length, revisited };
}

/** Written only over the version that was read: somebody else may have moved it to another patient meanwhile. */
function guarded(resource: FhirResource): Write {
  const versionId = resource.meta?.versionId;
  return { method: 'PUT', resource, ...(versionId === undefined ? {} : { ifMatch: versionId }) };
}

const visitOf = (it: Observation): string | undefined =>
  it.component?.find((part) => part.code.coding?.some((c) => c.code === 'visit'))?.valueCodeableConcept?.coding?.[0]
    ?.code;

const movedVisit = (present: Observation, wanted: Observation): boolean =>
  present.status !== 'entered-in-error' &&
  present.effectiveDateTime === wanted.effectiveDateTime &&
  visitOf(present) !== visitOf(wanted);

/** Review Tasks against those that stand there. What a person closed stays closed while the same thing is wrong. */
export function reconcileReviews(reviews: readonly Review[], standing: readonly Task[], now: string): Plan {
  const there = new Map(standing.map((it) => [it.identifier?.[0]?.value ?? it.id ?? '', it]));
  const writes: Write[] = [];
  let unchanged = 0;
  for (const review of reviews) {
    const id = idOfReview(review);
    const present = there.get(id);
    there.delete(id);
    const wanted = reviewTask(review, now);
    if (present === undefined) writes.push({ method: 'PUT', resource: wanted });
    else if (reasonsOf(present) === reasonsOf(wanted)) unchanged += 1;
    else writes.push(guarded(renewedReview(present, review)));
  }
  const settled = [...there.values()].filter((it) => isOpen(it) && !isLasting(it));
  for (const task of settled) writes.push(guarded(withdrawnReview(task)));
  return { writes, unchanged, withdrawn: 0, revisited: 0 };
}
