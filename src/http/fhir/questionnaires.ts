import type { Bundle, BundleEntry, Questionnaire } from 'fhir/r4.js';
import type { Content } from '../../content/port.ts';
import { type Issue, operationOutcome } from '../../domain/outcome.ts';
import { INSTEAD } from '../../domain/safety-offer.ts';
import { instrumentsOf } from '../../pipeline/safety/detect-signs.ts';
import type { SafetyPath } from '../../pipeline/safety/safety-path.ts';
import { isOffered } from '../../pipeline/safety/safety-status.ts';
import { Refusal, refusal } from '../refusal.ts';

/** The forms that may be put before somebody here, and those that may not. */
export interface OfferedForms {
  readonly all: readonly Questionnaire[];
  readonly withheld: readonly Questionnaire[];
}

/**
 * A form that asks for thoughts of death is served only where somebody sees the answer and the patient reads the site’s
 * crisis text.
 */
export function offeredForms(content: Content, safety: SafetyPath | undefined): OfferedForms {
  const all = content.resources.filter((it): it is Questionnaire => it.resourceType === 'Questionnaire');
  if (isOffered(safety).offered) return { all, withheld: [] };
  const asking = instrumentsOf(content.protocol.safety);
  const urls = new Set(content.instruments.filter((it) => asking.has(it.id)).map((it) => it.url));
  const isWithheld = (it: Questionnaire): boolean => it.url !== undefined && urls.has(it.url);
  return { all: all.filter((it) => !isWithheld(it)), withheld: all.filter(isWithheld) };
}

const WITHHELD: Issue = {
  severity: 'error',
  code: 'not-supported',
  reason: 'safety-items-not-offered',
  diagnostics: `This form asks for thoughts of death, and here nobody would see the answer in time. Questionnaire/${INSTEAD} is offered instead.`,
};

/** A Questionnaire as it ships: structure, keys and neutral labels; licensed wording is never in it. @throws Refusal 404 */
export function readQuestionnaire({ all, withheld }: OfferedForms, id: string): Questionnaire {
  const found = all.find((it) => it.id === id);
  if (found !== undefined) return found;
  if (withheld.some((it) => it.id === id)) throw new Refusal(404, [WITHHELD]);
  throw refusal(404, 'not-found', 'not-found', 'There is no such Questionnaire here.');
}

/** By canonical, with or without version; all of them where none is named. What is withheld is said, not found. */
export function searchQuestionnaires({ all, withheld }: OfferedForms, url: string | undefined, self: string): Bundle {
  const [name, version] = (url ?? '').split('|');
  const isAsked = (it: Questionnaire): boolean =>
    url === undefined || (it.url === name && (version === undefined || it.version === version));
  const found = all.filter(isAsked);
  const said: BundleEntry[] = withheld.some(isAsked)
    ? [{ resource: operationOutcome([{ ...WITHHELD, severity: 'warning' }]), search: { mode: 'outcome' } }]
    : [];
  const query = url === undefined ? '' : `?url=${encodeURIComponent(url)}`;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [{ relation: 'self', url: `${self}${query}` }],
    entry: [
      ...found.map(
        (resource): BundleEntry => ({ fullUrl: `${self}/${resource.id}`, resource, search: { mode: 'match' } }),
      ),
      ...said,
    ],
  };
}
