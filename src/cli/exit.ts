import { ConfigError } from '../config.ts';
import { FhirError } from '../fhir/port.ts';

/** Exit codes of every command: done; some inputs were refused or failed; usage or configuration; the FHIR server was not reached. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

const UNREACHED: ReadonlySet<string> = new Set(['unreachable', 'throttled', 'malformed', 'unauthorized']);

/** What an operator mends in settings, keys or content, by the names of the errors that say so. */
const CONFIGURATION: ReadonlySet<string> = new Set([
  'ContentError',
  'StateError',
  'CronExpressionError',
  'NotServableError',
  'RegistrationsError',
]);

/** A failure that a command foresees, with the code it ends with. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** The code that a failure ends with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return EXIT.usage;
  if (error instanceof Error && CONFIGURATION.has(error.name)) return EXIT.usage;
  if (error instanceof FhirError) return UNREACHED.has(error.kind) ? EXIT.unreachable : EXIT.refused;
  return EXIT.refused;
}

/** What a person reads of a failure: its message, never a stack or a body. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
