import type { Config } from '../../config.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';

/** How one run was asked for, on the command line or by the clock. */
export interface JobRequest {
  /** Everything, whatever the checkpoint says. */
  readonly all?: true;
  /** From this instant (UTC) instead of the checkpoint. */
  readonly since?: string;
  /** Nothing is written, the checkpoint stays. */
  readonly dryRun?: true;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** One job that `vincle job NAME` runs once and `vincle serve` runs by its clock, under one lock. */
export interface NamedJob<T extends object = object> {
  readonly name: string;
  /** When `serve` runs it (UTC); absent where this configuration has no use for it. */
  cron(config: Config): string | undefined;
  run(ports: AlliancePorts, config: Config, request: JobRequest): Promise<T>;
  /** The result as a person reads it. */
  table(result: T): string;
  /** Whether some inputs were refused or failed: exit code 1. */
  troubled(result: T): boolean;
}

/** A job whose result only its own functions read. */
export const namedJob = <T extends object>(job: NamedJob<T>): NamedJob => ({
  ...job,
  table: (result) => job.table(result as T),
  troubled: (result) => job.troubled(result as T),
});
