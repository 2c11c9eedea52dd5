import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord, readJson } from './content-files.ts';
import { covers } from './key-confirmations.ts';

/** The words of one instrument in one language, as its file says, with who may use them. */
export interface WordingFile {
  readonly instrument: string;
  readonly language: string;
  readonly version: string;
  readonly rights: unknown;
  readonly validation: unknown;
  /** True where the words come from the site and may be shown only on an authorized form. */
  readonly licensed: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a form is worded by, and in which language it really is. */
export interface Wording extends WordingFile {
  readonly asked: string;
  /** True where the language asked for is not at hand and another stands in. */
  readonly fallback: boolean;
}

/** Languages that stand in, in this order, for one that is not at hand. */
const FALLBACK = ['es', 'ca', 'en'] as const;
const NAME = /^(?:.*\/)?([a-z0-9-]+)\.([a-zA-Z-]+)\.json$/;

/** Wording that ships (or stands in a site's content folder), then what the site is licensed to use, over it. */
export function readWording(
  files: readonly ContentFile[],
  folder: string | undefined,
  instruments: readonly Instrument[],
  issues: Issue[],
): readonly WordingFile[] {
  const shipped = files
    .filter((file) => file.path.startsWith('questionnaires/wording/'))
    .map((file) => ({ ...file, licensed: file.origin === 'site' }));
  const licensed = licensedFiles(folder, issues);
  const ids = new Set(instruments.map((it) => it.id));
  const found = new Map<string, WordingFile>();
  for (const { path, json, licensed: own } of [...shipped, ...licensed]) {
    const wording = readOne(path, json, own, ids, issues);
    if (wording !== undefined) found.set(`${wording.instrument}.${wording.language}`, wording);
  }
  return [...found.values()];
}

function licensedFiles(
  folder: string | undefined,
  issues: Issue[],
): { path: string; json: unknown; licensed: boolean }[] {
  if (folder === undefined) return [];
  if (!existsSync(folder)) {
    issues.push(fault('WORDING_DIR', '', 'missing-folder', 'The folder of licensed wording is not there.'));
    return [];
  }
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return names.map((name) => ({
    path: `WORDING_DIR/${name}`,
    json: readJson(join(folder, name), `WORDING_DIR/${name}`, issues),
    licensed: true,
  }));
}

function readOne(
  path: string,
  json: unknown,
  licensed: boolean,
  ids: ReadonlySet<string>,
  issues: Issue[],
): WordingFile | undefined {
  const [, instrument = '', language = ''] = NAME.exec(path) ?? [];
  if (!isRecord(json)) return undefined;
  if (!ids.has(instrument)) {
    issues.push(
      fault(
        path,
        '',
        'unknown-instrument',
        `The file is named for ${instrument || 'nothing'}, which is no instrument.`,
      ),
    );
    return undefined;
  }
  if (json.language !== undefined && json.language !== language)
    issues.push(
      fault(path, 'language', 'wrong-language', `The file is named for ${language} and says ${String(json.language)}.`),
    );
  for (const field of ['version', 'rights', 'validation'])
    if (json[field] === undefined)
      issues.push(fault(path, field, 'wording-without-rights', `Wording states its ${field}.`));
  return {
    instrument,
    language,
    version: String(json.version),
    rights: json.rights,
    validation: json.validation,
    licensed,
    json,
  };
}

/** Whether its own file says that nobody has validated this wording. */
export const isUnvalidated = ({ validation }: WordingFile): boolean =>
  isRecord(validation) && validation.state === 'unvalidated';

/** The wording of an instrument in a language; in another, and marked so, where that one is not at hand; or none. */
export function findWording(all: readonly WordingFile[], instrument: string, language: string): Wording | undefined {
  const own = all.filter((it) => it.instrument === instrument);
  const exact = own.find((it) => covers(it.language, language));
  if (exact !== undefined) return { ...exact, asked: language, fallback: false };
  const other = FALLBACK.flatMap((tag) => own.find((it) => covers(tag, it.language)) ?? [])[0] ?? own[0];
  return other === undefined ? undefined : { ...other, asked: language, fallback: true };
}
