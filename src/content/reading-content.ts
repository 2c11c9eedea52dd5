import type { Issue } from '../domain/outcome.ts';
import type { Words } from '../domain/protocol.ts';
import type { FormReading } from '../domain/reading.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';

/** Who reads what is answered and by when, and whom to call if it cannot wait. */
export const READING = 'profiles/programme/reading.json';

const LANGUAGES = ['en', 'es', 'ca'] as const;
const PHONE = /^\+?[0-9 ]{2,24}$/;
const NOBODY: FormReading = {
  version: '',
  patient: { en: '', es: '', ca: '' },
  alliance: { en: '', es: '', ca: '' },
  therapist: { en: '', es: '', ca: '' },
};

/** Faults where words are missing in a language: somebody would read an empty line. */
export function readReading(files: readonly ContentFile[], issues: Issue[]): FormReading {
  const json = files.find((it) => it.path === READING)?.json;
  if (!isRecord(json) || typeof json.version !== 'string' || !isRecord(json.who)) {
    issues.push(fault(READING, '', 'malformed', 'It needs a version, and who reads: patient, alliance, therapist.'));
    return NOBODY;
  }
  const { byWhen, contact, confirmedBy } = json;
  const reading: FormReading = {
    version: json.version,
    patient: words(json.who.patient, 'who.patient', issues),
    alliance: words(json.who.alliance, 'who.alliance', issues),
    therapist: words(json.who.therapist, 'who.therapist', issues),
    ...(byWhen === undefined ? {} : { byWhen: words(byWhen, 'byWhen', issues) }),
    ...(contact === undefined ? {} : { contact: contactOf(contact, issues) }),
  };
  if ((byWhen !== undefined || contact !== undefined) && typeof confirmedBy !== 'string')
    issues.push(fault(READING, 'confirmedBy', 'not-confirmed', 'A named person confirms by when, and the telephone.'));
  return reading;
}

function words(value: unknown, place: string, issues: Issue[]): Words {
  const given = isRecord(value) ? value : {};
  for (const language of LANGUAGES) {
    const text = given[language];
    if (typeof text !== 'string' || text.trim() === '')
      issues.push(fault(READING, `${place}.${language}`, 'words-missing', 'It is said in en, es and ca.'));
  }
  return { en: String(given.en), es: String(given.es), ca: String(given.ca) };
}

function contactOf(value: unknown, issues: Issue[]): NonNullable<FormReading['contact']> {
  const given = isRecord(value) ? value : {};
  const phone = given.phone;
  if (phone !== undefined && !(typeof phone === 'string' && PHONE.test(phone)))
    issues.push(fault(READING, 'contact.phone', 'malformed', 'A telephone number as it is dialled.'));
  return {
    text: words(given.text, 'contact.text', issues),
    ...(typeof phone === 'string' ? { phone } : {}),
  };
}
