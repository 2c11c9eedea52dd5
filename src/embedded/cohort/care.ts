import type { CarePlan, CareTeam, EpisodeOfCare, FhirResource, Period, ResearchSubject } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { addMonths } from '../../domain/visit.ts';
import { addDays } from './calendar.ts';
import { consentsOf } from './consents.ts';
import { identifierOf, PSYCHO_ONCOLOGIST, SYNTHETIC, SYNTHETIC_EPISODE } from './marks.ts';
import { type Cohort, idOf, studyReference } from './options.ts';
import type { Participant } from './participant.ts';
import { organizationReference, outsiderOf, practitionerReference, roleReference } from './people.ts';

/** What a hospital holds at first, and what it changes later. */
export interface Parts<T extends FhirResource = FhirResource> {
  readonly first: readonly T[];
  readonly second: readonly T[];
}

/** The day another therapist takes over, halfway between the visits at three and at six months. */
export const handover = ({ inclusion }: Participant): string => addDays(addMonths(inclusion, 4), 14);

/** Who treats the patient on a day; hospitals name therapists as persons and as roles. */
export function therapistOn(cohort: Cohort, who: Participant, date: string): number {
  const changed = who.faults.includes('therapist-changed') && date >= handover(who);
  return changed ? (who.therapist + 1) % cohort.therapists : who.therapist;
}

/** Everything that decides whether, since when and by whom the patient is cared for. */
export function careOf(cohort: Cohort, who: Participant): Parts {
  if (!who.inProgramme) return { first: [otherEpisode(cohort, who)], second: [] };
  const consents = consentsOf(cohort, who);
  const [episodes, team] = [episodesOf(cohort, who), teamOf(cohort, who)];
  return {
    first: [
      ...subjectsOf(cohort, who).first,
      ...episodes.first,
      ...team.first,
      ...plansOf(cohort, who),
      ...consents.first,
    ],
    second: [...subjectsOf(cohort, who).second, ...episodes.second, ...team.second, ...consents.second],
  };
}

const byPathway = (who: Participant): boolean =>
  who.faults.includes('included-by-episode') || who.faults.includes('included-by-care-plan');

function subjectsOf(cohort: Cohort, who: Participant): Parts<ResearchSubject> {
  if (byPathway(who)) return { first: [], second: [] };
  const id = idOf(cohort, 'subject', who.number);
  const subject = (start: string, more: Partial<ResearchSubject> = {}): ResearchSubject => ({
    resourceType: 'ResearchSubject',
    id,
    meta: SYNTHETIC,
    identifier: [identifierOf(id)],
    status: 'on-study',
    period: { start },
    study: { reference: studyReference(cohort) },
    individual: { reference: who.reference },
    assignedArm: who.arm,
    ...more,
  });
  // Half an hour before midnight in UTC: the next day in Madrid.
  const instant = `${addDays(who.inclusion, -1)}T23:30:00Z`;
  const first = [subject(who.faults.includes('inclusion-as-instant') ? instant : who.inclusion)];
  if (who.faults.includes('two-inclusions'))
    first.push({
      ...subject(addDays(who.inclusion, 40)),
      id: `${id}-again`,
      identifier: [identifierOf(`${id}-again`)],
    });
  const second = who.faults.includes('corrected-inclusion') ? [subject(addDays(who.inclusion, 25))] : [];
  const left = who.dropout ?? (who.faults.includes('withdrawn-from-study') ? 'm12' : undefined);
  if (left !== undefined) {
    const end = addMonths(who.inclusion, left === 'm6' ? 5 : 11);
    second.push(subject(who.inclusion, { status: 'withdrawn', period: { start: who.inclusion, end } }));
  }
  return { first, second };
}

function episode(cohort: Cohort, who: Participant, part: string, therapist: number, period: Period): EpisodeOfCare {
  const id = idOf(cohort, 'episode', who.number, part);
  const manager = who.index % 3 === 0 ? roleReference(cohort, therapist) : practitionerReference(cohort, therapist);
  return {
    resourceType: 'EpisodeOfCare',
    id,
    meta: SYNTHETIC,
    identifier: [identifierOf(id)],
    status: period.end === undefined ? 'active' : 'finished',
    type: [{ coding: [SYNTHETIC_EPISODE], text: 'Psychosocial care in oncology' }],
    patient: { reference: who.reference },
    managingOrganization: { reference: organizationReference(cohort) },
    period,
    careManager: { reference: manager },
  };
}

function episodesOf(cohort: Cohort, who: Participant): Parts<EpisodeOfCare> {
  if (who.faults.includes('included-by-care-plan')) return { first: [], second: [] };
  // The hospital's episode opens some days before the study includes, except where nothing else says when.
  const start = who.faults.includes('included-by-episode') ? who.inclusion : addDays(who.inclusion, -12);
  const first = [episode(cohort, who, 'a', who.therapist, { start })];
  if (!who.faults.includes('therapist-changed')) return { first, second: [] };
  const day = handover(who);
  const second = [
    episode(cohort, who, 'a', who.therapist, { start, end: addDays(day, -1) }),
    episode(cohort, who, 'b', therapistOn(cohort, who, day), { start: day }),
  ];
  return { first, second };
}

function teamOf(cohort: Cohort, who: Participant): Parts<CareTeam> {
  const id = idOf(cohort, 'team', who.number);
  const start = addDays(who.inclusion, -12);
  const member = (therapist: number, period: Period) => ({
    role: [PSYCHO_ONCOLOGIST],
    member: { reference: practitionerReference(cohort, therapist) },
    period,
  });
  const team = (participant: CareTeam['participant'] & object): CareTeam => ({
    resourceType: 'CareTeam',
    id,
    meta: SYNTHETIC,
    identifier: [identifierOf(id)],
    status: 'active',
    name: `Synthetic care team ${who.number}`,
    subject: { reference: who.reference },
    period: { start },
    participant: [{ role: [{ text: 'Patient' }], member: { reference: who.reference } }, ...participant],
  });
  const alone = [member(who.therapist, { start })];
  if (who.faults.includes('therapist-unclear'))
    return { first: [team([...alone, member((who.therapist + 1) % cohort.therapists, { start })])], second: [] };
  if (!who.faults.includes('therapist-changed')) return { first: [team(alone)], second: [] };
  const day = handover(who);
  const both = [
    member(who.therapist, { start, end: addDays(day, -1) }),
    member(therapistOn(cohort, who, day), { start: day }),
  ];
  return { first: [team(alone)], second: [team(both)] };
}

function plansOf(cohort: Cohort, who: Participant): CarePlan[] {
  if (!who.faults.includes('included-by-care-plan')) return [];
  const id = idOf(cohort, 'plan', who.number);
  return [
    {
      resourceType: 'CarePlan',
      id,
      meta: SYNTHETIC,
      identifier: [identifierOf(id)],
      status: 'active',
      intent: 'plan',
      category: [{ coding: [{ system: codeSystem('stepped-care-level'), code: '1-monitoring' }] }],
      subject: { reference: who.reference },
      period: { start: who.inclusion },
      careTeam: [{ reference: `CareTeam/${idOf(cohort, 'team', who.number)}` }],
    },
  ];
}

/** The hospital treats others too; nothing of theirs concerns the programme. */
function otherEpisode(cohort: Cohort, who: Participant): EpisodeOfCare {
  const other = episode(cohort, who, 'a', outsiderOf(cohort), { start: who.inclusion });
  return { ...other, type: [{ text: 'Rehabilitation' }] };
}
