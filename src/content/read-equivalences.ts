import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';
import type { DeclaredCode, DeclaredItem, Equivalence } from './equivalence.ts';

const FOLDER = 'questionnaires/equivalences/';

/** Other publishers' forms that content declares; faults where one names an instrument, item or answer that is not there. */
export function readEquivalences(
  files: readonly ContentFile[],
  instruments: readonly Instrument[],
  issues: Issue[],
): readonly Equivalence[] {
  const declared = files
    .filter((file) => file.path.startsWith(FOLDER))
    .flatMap((file) => readOne(file, instruments, issues));
  const owners = new Map<string, string>();
  for (const { file, questionnaires } of declared) {
    for (const name of questionnaires) {
      const other = owners.get(name);
      if (other !== undefined)
        issues.push(fault(file, 'questionnaires', 'duplicate-canonical', `${name} is declared in ${other} too.`));
      else if (instruments.some((it) => it.url === name.split('|')[0]))
        issues.push(fault(file, 'questionnaires', 'duplicate-canonical', `${name} is one of our own.`));
      owners.set(name, file);
    }
  }
  return declared;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((it) => typeof it === 'string') : []);
const records = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

function readOne({ path, json }: ContentFile, instruments: readonly Instrument[], issues: Issue[]): Equivalence[] {
  const report = (place: string, reason: string, sentence: string): void =>
    void issues.push(fault(path, place, reason, sentence));
  if (!isRecord(json) || texts(json.questionnaires).length === 0) {
    report('questionnaires', 'malformed', 'It needs an instrument and the questionnaires that carry it.');
    return [];
  }
  const instrument = instruments.findLast((it) => it.id === json.instrument);
  if (instrument === undefined) {
    report('instrument', 'unknown-instrument', `There is no instrument ${String(json.instrument)}.`);
    return [];
  }
  const equivalence: Equivalence = {
    file: path,
    instrument: instrument.id,
    questionnaires: texts(json.questionnaires),
    items: records(json.items).map(readItem),
    options: records(json.options).map((it) => ({ ...readCode(it), value: Number(it.value) })),
    scores: records(json.scores).map((it) => ({ measure: String(it.measure), linkIds: texts(it.linkIds) })),
    refuse: typeof json.refuse === 'string' ? json.refuse : undefined,
  };
  checkOne(equivalence, instrument, report);
  return [equivalence];
}

const readCode = (it: Readonly<Record<string, unknown>>): DeclaredCode => ({
  system: typeof it.system === 'string' ? it.system : undefined,
  code: String(it.code),
});

const readItem = (it: Readonly<Record<string, unknown>>): DeclaredItem => ({
  item: String(it.item),
  linkIds: texts(it.linkIds),
  codes: records(it.codes).map(readCode),
});

type Report = (place: string, reason: string, sentence: string) => void;

function checkOne({ items, options, scores }: Equivalence, instrument: Instrument, report: Report): void {
  const linkIds = new Set(instrument.items.map((it) => it.linkId));
  const seen = new Set<string>();
  items.forEach((it, index) => {
    if (!linkIds.has(it.item))
      report(`items[${index}]`, 'unknown-item', `${instrument.id} has no scored item ${it.item}.`);
    for (const name of [it.item, ...it.linkIds.map((linkId) => `linkId ${linkId}`)]) {
      if (seen.has(name)) report(`items[${index}]`, 'duplicate-item', `${name} is declared twice.`);
      seen.add(name);
    }
  });
  const raw = new Set(instrument.items.flatMap((it) => [...(it.weights?.values() ?? [])]));
  options.forEach((it, index) => {
    if (raw.size > 0 && !raw.has(it.value))
      report(`options[${index}]`, 'unknown-option', `${instrument.id} has no answer that counts ${it.value}.`);
  });
  const measures = new Set(instrument.keys.map((it) => it.measure));
  scores.forEach((it, index) => {
    if (!measures.has(it.measure))
      report(`scores[${index}]`, 'unknown-measure', `${instrument.id} has no score ${it.measure}.`);
  });
}
