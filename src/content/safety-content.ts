import type { Issue } from '../domain/outcome.ts';
import type { Contact, SafetyContacts } from '../domain/safety-contacts.ts';
import { NO_CONTACTS } from '../domain/safety-contacts.ts';
import type { CrisisText } from '../domain/safety-offer.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';

/** What the patient reads at once who answered with a sign: a site’s own; none ships. */
export const CRISIS = 'profiles/programme/crisis.json';
/** Whom the site names for signs, by role; none ships. */
export const CONTACTS = 'profiles/programme/contacts.json';

const LANGUAGES = ['en', 'es', 'ca'] as const;
const DAY = /^\d{4}-\d\d-\d\d$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const REFERENCE = /^Practitioner\/[A-Za-z0-9\-.]{1,64}$/;
const isText = (it: unknown): it is string => typeof it === 'string' && it.trim() !== '';

/** The site’s crisis text, whole and confirmed, or none. Half a text is a fault: a patient would read it. */
export function readCrisis(files: readonly ContentFile[], issues: Issue[]): CrisisText | undefined {
  const file = files.find((it) => it.path === CRISIS);
  if (file === undefined) return undefined;
  const json = isRecord(file.json) ? file.json : {};
  const words = isRecord(json.words) ? json.words : {};
  const before = issues.length;
  const report = (place: string, reason: string, sentence: string) =>
    issues.push(fault(CRISIS, place, reason, sentence));
  for (const language of LANGUAGES)
    if (!isText(words[language])) report(`words.${language}`, 'words-missing', 'A crisis text is in en, es and ca.');
  if (!isText(json.confirmedBy))
    report('confirmedBy', 'not-confirmed', 'A named person confirms the text, its telephone numbers and its hours.');
  if (!isText(json.date) || !DAY.test(json.date))
    report('date', 'not-confirmed', 'The day of the confirmation is a date, YYYY-MM-DD.');
  if (issues.length > before) return undefined;
  const { en, es, ca } = words;
  return {
    words: { en: String(en), es: String(es), ca: String(ca) },
    confirmedBy: String(json.confirmedBy),
    date: String(json.date),
  };
}

/** The people whom the site names, by role; faults where one cannot be reached by anything. */
export function readContacts(
  files: readonly ContentFile[],
  roles: ReadonlySet<string>,
  issues: Issue[],
): SafetyContacts {
  const file = files.find((it) => it.path === CONTACTS);
  if (file === undefined) return NO_CONTACTS;
  const json = isRecord(file.json) && isRecord(file.json.roles) ? file.json.roles : undefined;
  if (json === undefined) {
    issues.push(fault(CONTACTS, 'roles', 'malformed', 'It needs roles, each with a list of people.'));
    return NO_CONTACTS;
  }
  const named: Record<string, readonly Contact[]> = {};
  for (const [role, list] of Object.entries(json)) {
    if (roles.size > 0 && !roles.has(role))
      issues.push(fault(CONTACTS, `roles.${role}`, 'unknown-role', `There is no role ${role} in CodeSystem/role.`));
    named[role] = Array.isArray(list)
      ? list.flatMap((it: unknown, index) => readContact(it, `roles.${role}[${index}]`, issues))
      : [];
    if (named[role].length === 0)
      issues.push(fault(CONTACTS, `roles.${role}`, 'nobody-named', 'A role that is listed names somebody.'));
  }
  return { roles: named, coordinator: named.coordinator ?? [] };
}

function readContact(it: unknown, place: string, issues: Issue[]): Contact[] {
  const { reference, email, language } = isRecord(it) ? it : {};
  const problems = [
    reference === undefined &&
      email === undefined &&
      'Somebody is named by a Practitioner reference, an e-mail, or both.',
    reference !== undefined && !(isText(reference) && REFERENCE.test(reference)) && 'The reference is no Practitioner.',
    email !== undefined && !(isText(email) && EMAIL.test(email)) && 'The e-mail is no address.',
    !LANGUAGES.some((one) => one === language) && 'The language is en, es or ca.',
  ].filter((problem) => problem !== false);
  for (const problem of problems) issues.push(fault(CONTACTS, place, 'malformed', problem));
  if (problems.length > 0) return [];
  return [
    {
      language: LANGUAGES.find((one) => one === language) ?? 'es',
      ...(isText(reference) ? { reference } : {}),
      ...(isText(email) ? { email } : {}),
    },
  ];
}
