import { Command, type CommanderError } from 'commander';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { CommandError, EXIT } from './exit.ts';
import { jobCommand } from './job.ts';
import { loadCommand } from './load-command.ts';
import { outboxCommand } from './outbox.ts';
import { publishCommand } from './publish.ts';
import { reportCommand } from './report.ts';
import { safetyCommand } from './safety.ts';
import { serveCommand } from './serve.ts';
import { shadowCommand } from './shadow.ts';
import { simulateCommand } from './simulate.ts';
import { startCommand } from './start.ts';
import { stepsCommand } from './steps/steps.ts';

/** Every command of `vincle`; what commander itself refuses ends with the code for usage. */
export function program(): Command {
  const vincle = new Command('vincle')
    .description('Stepped digital psychosocial care and therapeutic alliance beside a hospital’s EHR, over FHIR R4')
    .addHelpText(
      'after',
      '\nSettings are environment variables: docs/configuration.md. Exit 0 done, 1 some inputs were refused or failed, 2 usage or configuration, 3 the FHIR server was not reached.',
    );
  const commands = [
    serveCommand(),
    demoCommand(),
    publishCommand(),
    loadCommand(),
    jobCommand(),
    doctorCommand(),
    outboxCommand(),
    simulateCommand(),
    shadowCommand(),
    stepsCommand(),
    safetyCommand(),
    reportCommand(),
  ];
  for (const command of commands) vincle.addCommand(command);
  vincle.addCommand(startCommand(), { hidden: true });
  return quiet(vincle);
}

/** Throws instead of exiting, so that main alone ends the process. */
function quiet(command: Command): Command {
  command.exitOverride((error: CommanderError) => {
    throw new CommandError('', error.exitCode === 0 ? EXIT.done : EXIT.usage);
  });
  for (const child of command.commands) quiet(child);
  return command;
}
