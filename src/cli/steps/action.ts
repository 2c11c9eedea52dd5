import { InvalidArgumentError } from 'commander';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import type { Doing } from '../../pipeline/steps/held-person.ts';

/** What one action gives: an object for `--json`, words for a person, and whether it was what was asked for. */
export interface Answered {
  readonly value: object;
  readonly text: string;
  readonly done: boolean;
}

/** What every action works with. */
export interface Acting {
  readonly ports: AlliancePorts;
  readonly doing: Doing;
  /** The operator, as the machine knows them: it stands in the Provenance beside the clinician. */
  readonly enterer: string;
}

export type Options = Readonly<Record<string, string | true | undefined>>;
export type Action = (acting: Acting, subject: string, options: Options) => Promise<Answered>;

/** `Patient/ID`, or an id. */
export function patientOf(text: string): string {
  const id = text.replace(/^Patient\//, '');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new InvalidArgumentError('A patient is named as Patient/ID.');
  return `Patient/${id}`;
}

/** `CarePlan/ID`, or an id. */
export function carePlanOf(text: string): string {
  const id = text.replace(/^CarePlan\//, '');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new InvalidArgumentError('A CarePlan is named by its id.');
  return id;
}
