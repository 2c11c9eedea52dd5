import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import { contentOf, contextOf, serverOf, stateOf } from '../compose.ts';
import { EXIT } from '../exit.ts';
import { runOptions } from '../jobs/run-options.ts';
import { output } from '../print.ts';
import type { Action, Options } from './action.ts';
import { approveAction, declineAction, enrolAction, overrideAction, positionAction } from './decision-actions.ts';
import { proposalsAction, replayAction, showAction } from './reading-actions.ts';

export const stepsCommand = (): Command => {
  const command = new Command('steps').description('levels of care: enrol, decide, and read the history');
  const add = (name: string, about: string, subject: string | undefined, action: Action): Command => {
    const sub = command.command(name).description(about).option('--json', 'one JSON object on stdout');
    if (subject !== undefined)
      sub.argument(`<${subject}>`, subject === 'patient' ? 'Patient/ID' : 'id of the CarePlan');
    return sub.action((...given: unknown[]) => {
      const [first, second] = given;
      const [text, options] = subject === undefined ? ['', first] : [String(first), second];
      return run(action, text, (options ?? {}) as Options);
    });
  };
  const named = (sub: Command): Command =>
    sub.requiredOption('--as <practitioner>', 'the clinician who decides: Practitioner/ID', practitioner);
  named(add('enrol', 'begin stepped care for a patient', 'patient', enrolAction))
    .option('--level <code>', 'the level to begin with; the lowest where none is said')
    .option('--episode <reference>', 'EpisodeOfCare/ID')
    .option('--reason <text>', 'why');
  add('proposals', 'every proposal that waits for a decision', undefined, proposalsAction);
  add('show', 'the level in force, what the rules say now, and what waits', 'patient', showAction);
  named(add('approve', 'approve a proposal', 'proposal', approveAction)).option('--reason <text>', 'why');
  named(add('decline', 'decline a proposal', 'proposal', declineAction)).requiredOption('--reason <text>', 'why');
  named(add('override', 'choose another level than the rules propose', 'patient', overrideAction))
    .requiredOption('--level <code>', 'the level')
    .requiredOption('--reason <text>', 'why')
    .option(
      '--instead-of <plan>',
      'id of the plan that is to be replaced: if another is in force by now, nothing is done',
    )
    .option('--episode <reference>', 'EpisodeOfCare/ID, where there are plans in several');
  named(add('agree', 'record what the patient says of a proposal, or wishes', 'care-plan', positionAction))
    .option('--refuse', 'the patient refuses')
    .option('--wish <level>', 'the patient wishes this level; of the plan in force')
    .option('--note <text>', 'in the patient’s words');
  add('replay', 'the history, with every proposal computed again from what was known then', 'patient', replayAction);
  return command;
};

function practitioner(text: string): string {
  if (!/^Practitioner\/[A-Za-z0-9\-.]{1,64}$/.test(text))
    throw new InvalidArgumentError('A clinician is named as Practitioner/ID.');
  return text;
}

async function run(action: Action, subject: string, options: Options): Promise<void> {
  const config = readConfig(process.env);
  const content = await contentOf(config);
  const ports: AlliancePorts = {
    server: serverOf(config),
    context: contextOf(config, content),
    state: await stateOf(config),
  };
  try {
    const { now, holder, pause } = runOptions(config);
    const acting = { ports, doing: { now, holder, pause }, enterer: userInfo().username };
    const { value, text, done } = await action(acting, subject, options);
    output(options.json === true, value, () => text);
    if (!done) process.exitCode = EXIT.refused;
  } finally {
    await ports.state.close();
  }
}
