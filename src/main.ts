import { EXIT, exitCodeOf, messageOf } from './cli/exit.ts';
import { program } from './cli/program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

try {
  await program().parseAsync(process.argv);
} catch (error) {
  const code = exitCodeOf(error);
  if (messageOf(error) !== '') process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = code;
}
