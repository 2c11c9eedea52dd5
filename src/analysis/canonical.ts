import type { CohortData, CohortPatient, CohortRow, CohortTherapist } from './cohort-data.ts';

/**
 * The same data in an order that its values alone decide, with numbers of that order for codes of patients, therapists and
 * sites. What is drawn at random is then drawn alike whatever key made the codes, and whichever way the data came: from a
 * server, or from the exports of sites in any order. Of the therapists stay those who are rated, with the mean of their
 * satisfaction: all that is analysed of them.
 */
export function canonical(data: CohortData): CohortData {
  const rowsOf = Map.groupBy(data.rows, (it) => it.patient);
  const satisfaction = new Map(data.therapists.map((it) => [it.therapist, meanOf(it.vasPlatform)]));
  const described = data.patients.map((patient) => {
    // In the order of time: a mean over visits is then summed as anybody else sums it, and ties stay ties.
    const rows = (rowsOf.get(patient.patient) ?? []).toSorted(
      (a, b) => data.visits.indexOf(a.visit) - data.visits.indexOf(b.visit) || compare(placeOf(a), placeOf(b)),
    );
    const told = rows.map((it) => satisfaction.get(it.therapist ?? '') ?? null);
    return { patient, rows, text: canonicalText([valuesOf(patient, rows), told]) };
  });
  const rankOf = ranksOf(described.map((it) => it.text));
  const patients = described.map(({ text, ...it }) => ({ ...it, values: rankOf(text) }));
  const therapists = groupKeys(patients, ({ rows }) => rows.flatMap((it) => it.therapist ?? []));
  const sites = groupKeys(patients, ({ patient }) => [patient.site]);
  const keyed = patients.map(({ patient, rows, values }) => {
    const about = rows.map((it) => (it.therapist === undefined ? '' : (therapists.get(it.therapist) ?? '')));
    return { patient, rows, key: JSON.stringify([values, about, sites.get(patient.site)]) };
  });
  return renamed(data, satisfaction, untied(keyed));
}

/** Text of a value that does not depend on the order in which its objects were filled. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, it: unknown) =>
    typeof it === 'object' && it !== null && !Array.isArray(it)
      ? filled(Object.entries(it).toSorted(([a], [b]) => compare(a, b)))
      : it,
  );

/** Nothing where nothing is known: an object of unknowns is one unknown. */
function filled(entries: readonly (readonly [string, unknown])[]): unknown {
  const known = entries.filter(([, it]) => it !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

interface OfPatient {
  readonly patient: CohortPatient;
  readonly rows: readonly CohortRow[];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const placeOf = ({ patient: _patient, therapist: _therapist, ...row }: CohortRow): string =>
  canonicalText([row.visit, row.rater, row]);
const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.toSorted((a, b) => a - b).reduce((sum, it) => sum + it, 0) / values.length;

/**
 * By key; patients who are alike in all that is known stand in the order in which their therapists and sites come up, so
 * that the patients of two therapists who are alike are not mixed.
 */
function untied(keyed: readonly (OfPatient & { readonly key: string })[]): readonly OfPatient[] {
  const first = keyed.toSorted((a, b) => compare(a.key, b.key));
  const [therapistAs, siteAs] = [numbering('t'), numbering('s')];
  const numbered = first.map((it) => ({
    ...it,
    group: JSON.stringify([
      siteAs(it.patient.site),
      it.rows.map(({ therapist }) => therapist && therapistAs(therapist)),
    ]),
  }));
  return numbered.toSorted((a, b) => compare(a.key, b.key) || compare(a.group, b.group));
}

/** All that is known of a patient but codes. */
function valuesOf({ patient: _patient, site: _site, ...patient }: CohortPatient, rows: readonly CohortRow[]): string {
  return canonicalText([patient, rows.map(placeOf)]);
}

/** What a therapist or a site is told by: the rank of the values of their patients among those of the others. */
function groupKeys<T extends { readonly values: string }>(
  patients: readonly T[],
  codesOf: (it: T) => readonly string[],
): Map<string, string> {
  const found = new Map<string, string[]>();
  for (const it of patients)
    for (const code of codesOf(it)) {
      const own = found.get(code) ?? [];
      own.push(it.values);
      found.set(code, own);
    }
  const told = [...found].map(([code, values]) => [code, values.toSorted(compare).join()] as const);
  const rankOf = ranksOf(told.map(([, it]) => it));
  return new Map(told.map(([code, it]) => [code, rankOf(it)]));
}

/** The place of a text among the different ones there are, as text of one length. */
function ranksOf(texts: readonly string[]): (text: string) => string {
  const ranks = new Map([...new Set(texts)].toSorted(compare).map((it, rank) => [it, String(rank).padStart(7, '0')]));
  return (text) => ranks.get(text) ?? '';
}

/** Codes by number, in the order in which they are met. */
function numbering(prefix: string): (code: string) => string {
  const numbers = new Map<string, string>();
  return (code) => {
    const known = numbers.get(code) ?? `${prefix}${String(numbers.size + 1).padStart(6, '0')}`;
    numbers.set(code, known);
    return known;
  };
}

function renamed(
  data: CohortData,
  satisfaction: ReadonlyMap<string, number | undefined>,
  ordered: readonly OfPatient[],
): CohortData {
  const [patientAs, therapistAs, siteAs] = [numbering('p'), numbering('t'), numbering('s')];
  const therapists = new Map<string, CohortTherapist>();
  const named = ordered.map(({ patient, rows }) => {
    const [as, site] = [patientAs(patient.patient), siteAs(patient.site)];
    const own = rows.map((it) => {
      if (it.therapist === undefined) return { ...it, patient: as };
      const therapist = therapistAs(it.therapist);
      const value = satisfaction.get(it.therapist);
      if (!therapists.has(therapist))
        therapists.set(therapist, { therapist, site, vasPlatform: value === undefined ? [] : [value] });
      return { ...it, patient: as, therapist };
    });
    return { patient: { ...patient, patient: as, site }, rows: own };
  });
  return {
    ...data,
    patients: named.map((it) => it.patient),
    rows: named.flatMap((it) => it.rows),
    therapists: [...therapists.values()],
  };
}
