import { Argument, Command, Option } from 'commander';
import { readConfig } from '../config.ts';
import type { OutboxEntry, State } from '../state/port.ts';
import { stateOf } from './compose.ts';
import { CommandError, EXIT } from './exit.ts';
import { output, say, table } from './print.ts';

interface Options {
  readonly json?: true;
  readonly showContent?: true;
}

export const outboxCommand = (): Command =>
  new Command('outbox')
    .description('what could not be delivered to the FHIR server')
    .addArgument(new Argument('<action>', 'what to do').choices(['list', 'replay', 'drop']))
    .argument('[id...]', 'entries to replay or drop; without any, all dead letters are replayed')
    .option('--show-content', 'print what waits; this is recorded')
    .addOption(new Option('--json', 'one JSON object on stdout'))
    .action(async (action: string, ids: string[], options: Options) => {
      const state = await stateOf(readConfig(process.env));
      try {
        if (action === 'list') await list(state, options);
        else if (action === 'replay') await replay(state, ids, options);
        else await drop(state, ids, options);
      } finally {
        await state.close();
      }
    });

const shown = ({ payload, ...entry }: OutboxEntry, withContent: boolean) =>
  withContent ? { ...entry, payload } : entry;

async function list(state: State, options: Options): Promise<void> {
  const entries = await state.listEntries();
  const withContent = options.showContent ?? false;
  if (withContent) await recordDisclosure(state, entries);
  const visible = entries.map((it) => shown(it, withContent));
  output(options.json ?? false, { entries: visible }, () => {
    if (entries.length === 0) return 'The outbox is empty.';
    const rows = entries.map((it) => [it.id, it.label, it.state, it.attempts, it.enqueuedAt, it.lastError ?? '']);
    const content = withContent ? `\n\n${visible.map((it) => JSON.stringify(it)).join('\n')}` : '';
    return table(['id', 'what', 'state', 'attempts', 'since', 'last error'], rows) + content;
  });
}

/** Who looked at content, when, at how much: kept with the job runs. */
async function recordDisclosure(state: State, entries: readonly OutboxEntry[]): Promise<void> {
  const at = new Date().toISOString();
  await state.recordRun({
    job: 'outbox-content-shown',
    startedAt: at,
    endedAt: at,
    ok: true,
    result: {
      by: process.env.USER ?? process.env.LOGNAME ?? `uid ${process.getuid?.()}`,
      entries: entries.map((it) => it.id),
    },
  });
  say('Showing content: this is recorded.');
}

async function replay(state: State, ids: readonly string[], options: Options): Promise<void> {
  const dead = (await state.listEntries()).filter((it) => it.state === 'dead').map((it) => it.id);
  const chosen = ids.length === 0 ? dead : ids;
  const now = new Date().toISOString();
  const missing: string[] = [];
  for (const id of chosen) if (!(await state.replay(id, now))) missing.push(id);
  finish('replayed', chosen, missing, options);
}

async function drop(state: State, ids: readonly string[], options: Options): Promise<void> {
  if (ids.length === 0)
    throw new CommandError('outbox drop: name the entries to drop; what is dropped is gone.', EXIT.usage);
  const missing: string[] = [];
  for (const id of ids) if (!(await state.drop(id))) missing.push(id);
  finish('dropped', ids, missing, options);
}

function finish(verb: string, ids: readonly string[], missing: readonly string[], options: Options): void {
  const done = ids.filter((id) => !missing.includes(id));
  output(
    options.json ?? false,
    { [verb]: done, missing },
    () => `${done.length} ${verb}${missing.length === 0 ? '' : `; not there: ${missing.join(', ')}`}`,
  );
  if (missing.length > 0) process.exitCode = EXIT.refused;
}
