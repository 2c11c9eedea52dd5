import { createTask, type Logger, validateDetailed } from 'node-cron';

/** Calls `onTick` whenever it is time, and `onMissed` for each time that passed without a call. */
export type Ticker = (
  expression: string,
  onTick: () => Promise<void>,
  onMissed: () => void,
) => { stop(): Promise<void> };

/** A cron expression that cannot be used; the message names the field. */
export class CronExpressionError extends Error {
  constructor(expression: string, problems: readonly string[]) {
    super(`"${expression}" is not a cron expression: ${problems.join('; ')}`);
    this.name = 'CronExpressionError';
  }
}

/** What is wrong with a cron expression of five fields, or six with seconds; nothing where it can be used. */
export const cronProblems = (expression: string): readonly string[] =>
  validateDetailed(expression).errors.map(({ field, message }) => `${field}: ${message}`);

const SILENT: Logger = { info() {}, warn() {}, error() {}, debug() {} };

/** When a cron expression in UTC is next due. */
export const nextTick = (expression: string): Date | undefined => {
  const task = createTask(expression, () => {}, { timezone: 'UTC', logger: SILENT });
  const [next] = task.getNextRuns(1);
  void task.destroy();
  return next;
};

/**
 * Ticks by node-cron, in UTC: a schedule in local time skips or repeats an hour when clocks change.
 * @throws CronExpressionError
 */
export const cronTicker: Ticker = (expression, onTick, onMissed) => {
  const problems = cronProblems(expression);
  if (problems.length > 0) throw new CronExpressionError(expression, problems);
  // node-cron writes to stdout by itself, where only results belong: what it would say is counted instead.
  const task = createTask(expression, onTick, { timezone: 'UTC', noOverlap: true, logger: SILENT });
  task.on('execution:overlap', onMissed);
  task.on('execution:missed', onMissed);
  void task.start();
  return {
    stop: async () => {
      await task.destroy();
    },
  };
};
