import type { CohortData, CohortPatient, CohortRow } from './cohort-data.ts';

/**
 * The same data in an order that its values alone decide, with numbers of that order for codes of patients, therapists and
 * sites. What is drawn at random is then drawn alike whatever key made the codes, and whichever way the data came.
 */
export function canonical(data: CohortData): CohortData {
  const rowsOf = Map.groupBy(data.rows, (it) => it.patient);
  const patients = data.patients.map((patient) => {
    const rows = (rowsOf.get(patient.patient) ?? []).toSorted((a, b) => compare(placeOf(a), placeOf(b)));
    return { patient, rows, values: valuesOf(patient, rows) };
  });
  const therapists = groupKeys(patients, ({ rows }) => rows.flatMap((it) => it.therapist ?? []));
  const sites = groupKeys(patients, ({ patient }) => [patient.site]);
  const keyed = patients.map(({ patient, rows, values }) => {
    const about = rows.map((it) => (it.therapist === undefined ? '' : (therapists.get(it.therapist) ?? '')));
    return { patient, rows, key: JSON.stringify([values, about, sites.get(patient.site)]) };
  });
  return renamed(
    data,
    keyed.toSorted((a, b) => compare(a.key, b.key)),
  );
}

interface OfPatient {
  readonly patient: CohortPatient;
  readonly rows: readonly CohortRow[];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const placeOf = ({ patient: _patient, therapist: _therapist, ...row }: CohortRow): string =>
  JSON.stringify([row.visit, row.rater, row]);

/** All that is known of a patient but codes. */
function valuesOf({ patient: _patient, site: _site, ...patient }: CohortPatient, rows: readonly CohortRow[]): string {
  return JSON.stringify([patient, rows.map(placeOf)]);
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
  const told = new Map([...found].map(([code, values]) => [code, values.toSorted(compare).join()]));
  const ranks = new Map([...new Set(told.values())].toSorted(compare).map((values, rank) => [values, String(rank)]));
  return new Map([...told].map(([code, values]) => [code, ranks.get(values) ?? '']));
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

function renamed(data: CohortData, ordered: readonly OfPatient[]): CohortData {
  const [patientAs, therapistAs, siteAs] = [numbering('p'), numbering('t'), numbering('s')];
  const named = ordered.map(({ patient, rows }) => {
    const as = patientAs(patient.patient);
    return {
      patient: { ...patient, patient: as, site: siteAs(patient.site) },
      rows: rows.map((it) => ({
        ...it,
        patient: as,
        therapist: it.therapist === undefined ? undefined : therapistAs(it.therapist),
      })),
    };
  });
  const therapists = data.therapists
    .toSorted((a, b) => compare(JSON.stringify(a.vasPlatform), JSON.stringify(b.vasPlatform)))
    .map((it) => ({
      therapist: therapistAs(it.therapist),
      site: siteAs(it.site),
      vasPlatform: it.vasPlatform.toSorted((a, b) => a - b),
    }));
  return {
    ...data,
    patients: named.map((it) => it.patient),
    rows: named.flatMap((it) => it.rows),
    therapists: therapists.toSorted((a, b) => compare(a.therapist, b.therapist)),
  };
}
