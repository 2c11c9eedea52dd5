import { type Decided, decide, type Lost } from '../../pipeline/steps/decide.ts';
import { type Enrolled, enrol } from '../../pipeline/steps/enrol.ts';
import { override } from '../../pipeline/steps/override.ts';
import { type Positioned, recordAgreement } from '../../pipeline/steps/record-position.ts';
import { type Action, type Answered, carePlanOf, type Options, patientOf } from './action.ts';

const text = (options: Options, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

/** The named options that were given. */
const given = <N extends string>(options: Options, ...names: readonly N[]): { readonly [K in N]?: string } =>
  Object.fromEntries(names.flatMap((it) => (text(options, it) === undefined ? [] : [[it, text(options, it)]]))) as {
    readonly [K in N]?: string;
  };

const clinician = (options: Options): string => text(options, 'as') ?? '';

type Outcome = Decided | Enrolled | Positioned;

const lost = ({ what, by, at }: Lost): string =>
  by === undefined
    ? `Nothing was done: it waits no longer (${what}).`
    : `Nothing was done: ${by} was first (${what}${at === undefined ? '' : `, ${at}`}).`;

function sentence(result: Outcome): string {
  switch (result.kind) {
    case 'enrolled':
      return `${result.already ? 'Enrolled before' : 'Enrolled'} at ${result.level}: ${result.plan}.`;
    case 'decided':
      return `${result.already ? 'Decided before' : 'Decided'}. In force: ${result.plan ?? 'none'}, level ${result.level ?? 'none'}.`;
    case 'recorded':
      return result.already ? 'Recorded before.' : 'Recorded.';
    case 'lost':
      return lost(result);
    case 'agreement-missing':
      return `Nothing was done: the protocol wants the patient’s agreement first${result.said === undefined ? '' : `; the patient ${result.said.kind} at ${result.said.at}`}.`;
    case 'not-allowed':
      return `Not allowed: ${result.reason}${'deciders' in result && result.deciders !== undefined ? ` (may decide: ${result.deciders.join(', ')})` : ''}.`;
    case 'not-found':
      return 'There is none of that id.';
    case 'busy':
      return 'The patient’s record is being written by another process: try again.';
    case 'rejected':
      return `The FHIR server did not take it: ${result.reason}`;
  }
}

const DONE: ReadonlySet<Outcome['kind']> = new Set(['enrolled', 'decided', 'recorded']);
const answered = (result: Outcome): Answered => ({
  value: result,
  text: sentence(result),
  done: DONE.has(result.kind),
});

export const enrolAction: Action = async ({ ports, doing, enterer }, subject, options) =>
  answered(
    await enrol(
      ports,
      {
        patient: patientOf(subject),
        by: clinician(options),
        enterer,
        ...given(options, 'level', 'episode', 'reason'),
      },
      doing,
    ),
  );

const decision =
  (outcome: 'approved' | 'declined'): Action =>
  async ({ ports, doing, enterer }, subject, options) =>
    answered(
      await decide(
        ports,
        { proposal: carePlanOf(subject), outcome, by: clinician(options), enterer, ...given(options, 'reason') },
        doing,
      ),
    );

export const approveAction = decision('approved');
export const declineAction = decision('declined');

export const overrideAction: Action = async ({ ports, doing, enterer }, subject, options) => {
  const insteadOf = text(options, 'insteadOf');
  const request = {
    patient: patientOf(subject),
    level: text(options, 'level') ?? '',
    by: clinician(options),
    reason: text(options, 'reason') ?? '',
    enterer,
    ...(insteadOf === undefined ? {} : { insteadOf: carePlanOf(insteadOf) }),
    ...given(options, 'episode'),
  };
  return answered(await override(ports, request, doing));
};

export const positionAction: Action = async ({ ports, doing, enterer }, subject, options) => {
  const level = text(options, 'wish');
  const kind = level !== undefined ? 'wished' : options.refuse === true ? 'refused' : 'agreed';
  const request = {
    carePlan: carePlanOf(subject),
    kind,
    by: clinician(options),
    enterer,
    ...(level === undefined ? {} : { level }),
    ...given(options, 'note'),
  } as const;
  return answered(await recordAgreement(ports, request, doing));
};
