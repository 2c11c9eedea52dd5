import type { Chosen, Person } from './people.ts';

const escaped = (text: string): string => text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><body>${body}</body></html>`;

/** Who can sign in, each a button; where a patient is asked for, each with each patient. */
export function signInPage(people: Readonly<Record<string, Person>>, choosesPatient: boolean): string {
  const everybody = Object.values(people).flatMap(({ fhirUser }) => fhirUser.match(/^Patient\/(.+)$/)?.[1] ?? []);
  const choices = Object.entries(people).flatMap(([person, { fhirUser, patients }]): Chosen[] => {
    const own = /^Patient\/(.+)$/.exec(fhirUser)?.[1];
    if (own !== undefined) return [{ person, patient: own }];
    return choosesPatient ? (patients ?? everybody).map((patient) => ({ person, patient })) : [{ person }];
  });
  const buttons = choices.map(({ person, patient }) => {
    const label = patient === undefined ? person : `${person} · ${patient}`;
    return `<p><button name="choice" value="${escaped(`${person}|${patient ?? ''}`)}">${escaped(label)}</button></p>`;
  });
  return page(
    'Sign in',
    `<h1>Sign in</h1><form method="post">${buttons.join('')}<p><button name="choice" value="">Refuse</button></p></form>`,
  );
}

/** An EHR that shows the app in a frame. */
export const ehrPage = (app: string): string =>
  page('EHR', `<h1>EHR</h1><iframe title="Vincle" src="${escaped(app)}" width="1200" height="800"></iframe>`);
