import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../config.ts';
import { type Acted, acknowledge, close } from '../pipeline/safety/decide-sign.ts';
import { listSigns, type Signs } from '../pipeline/safety/list-signs.ts';
import type { SafetyPorts } from '../pipeline/safety/safety-ports.ts';
import { contentOf, contextOf, serverOf, stateOf } from './compose.ts';
import { EXIT } from './exit.ts';
import { output, table } from './print.ts';
import { safetyOf } from './safety-path.ts';

interface Options {
  readonly json?: true;
  readonly as: string;
  readonly outcome: string;
}

export const safetyCommand = (): Command => {
  const command = new Command('safety').description('signs of danger: what waits, taking up, closing');
  command
    .command('list')
    .description('open signs, the longest waiting first, and the review list of old answers')
    .option('--json', 'one JSON object on stdout')
    .action(({ json }: Options) =>
      withPorts(async (ports) => {
        const signs = await listSigns(ports, Date.now());
        output(json ?? false, signs, () => signsTable(signs));
      }),
    );
  const act = (
    name: string,
    about: string,
    run: (ports: SafetyPorts, task: string, options: Options) => Promise<Acted>,
  ) =>
    command
      .command(name)
      .description(about)
      .argument('<task>', 'id of the Task', taskId)
      .requiredOption('--as <practitioner>', 'the clinician who acts: Practitioner/ID', practitioner)
      .option('--json', 'one JSON object on stdout')
      .action((task: string, options: Options) =>
        withPorts(async (ports) => {
          const acted = await run(ports, task, options);
          if (acted.kind !== 'done') process.exitCode = EXIT.refused;
          output(options.json ?? false, acted, () => actedText(acted));
        }),
      );
  act('acknowledge', 'take a sign up: the chain stops', (ports, task, options) =>
    acknowledge(ports, actingOf(task, options)),
  );
  act('close', 'close a sign with an outcome that the protocol names', (ports, task, options) =>
    close(ports, actingOf(task, options), options.outcome),
  ).requiredOption('--outcome <code>', 'code of CodeSystem/safety-outcome');
  return command;
};

const actingOf = (task: string, options: Options) => ({
  task,
  by: options.as,
  enterer: userInfo().username,
  now: Date.now,
});

async function withPorts(run: (ports: SafetyPorts) => Promise<void>): Promise<void> {
  const config = readConfig(process.env);
  const content = await contentOf(config);
  const state = await stateOf(config);
  try {
    await run({
      server: serverOf(config),
      context: contextOf(config, content),
      state,
      safety: safetyOf(config, content),
    });
  } finally {
    await state.close();
  }
}

function practitioner(text: string): string {
  if (/^Practitioner\/[A-Za-z0-9\-.]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('A clinician is named as Practitioner/ID.');
}

function taskId(text: string): string {
  const id = text.replace(/^Task\//, '');
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id;
  throw new InvalidArgumentError('A Task is named by its id.');
}

function signsTable({ open, old }: Signs): string {
  const rows = open.map((it) => [
    it.task,
    it.patient ?? '',
    it.state,
    it.raisedAt ?? '',
    it.overdue ? `${it.respondBy ?? ''} (passed)` : (it.respondBy ?? ''),
    it.owner ?? '',
  ]);
  const list = old.map((it) => [it.response, it.given ?? '', it.ageDays ?? '?']);
  return [
    open.length === 0 ? 'No open sign.' : table(['task', 'patient', 'state', 'raised', 'respond by', 'owner'], rows),
    ...(old.length === 0 ? [] : ['', table(['old answer to be reviewed', 'given', 'days ago'], list)]),
  ].join('\n');
}

function actedText(acted: Acted): string {
  switch (acted.kind) {
    case 'done':
      return `Task/${acted.task.id} is ${acted.state}.`;
    case 'already':
      return `Nothing was done: it is ${acted.state} by ${acted.by ?? 'somebody'} since ${acted.at ?? 'an unknown time'}.`;
    case 'unknown-outcome':
      return `Nothing was done: the outcome is one of ${acted.outcomes.join(', ')}.`;
    case 'not-found':
      return 'Nothing was done: there is no safety review of that id.';
    case 'not-a-clinician':
      return 'Nothing was done: whoever acts is no Practitioner who works here.';
    default:
      return `Nothing was done: ${acted.kind}.`;
  }
}
