import type { JobsView, JobView } from '../../../domain/view/review-view.ts';
import { useRead } from '../api.ts';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { Loaded } from './loaded.tsx';

/** What is done by the clock, and how it went the last time. */
export default function JobsPage() {
  const { words, format } = useReader();
  const say = useSay();
  const reading = useRead<JobsView>('/api/jobs');
  return (
    <Loaded title={words.jobs.title} lead={words.jobs.lead} reading={reading}>
      {({ jobs }) => (
        <DataTable
          caption={words.jobs.title}
          rows={jobs}
          keyOf={(it) => it.name}
          columns={[
            { key: 'job', head: words.jobs.job, cell: (it) => say(it.title) },
            {
              key: 'last',
              head: words.jobs.last,
              cell: ({ lastRun }) => (lastRun === undefined ? words.jobs.never : format.dateTime(lastRun.endedAt)),
            },
            { key: 'went', head: words.jobs.went, cell: (it) => <Went job={it} /> },
            { key: 'counts', head: words.jobs.counts, cell: (it) => <Counts job={it} /> },
            {
              key: 'next',
              head: words.jobs.next,
              cell: (it) => (it.next === undefined ? '–' : format.dateTime(it.next)),
            },
          ]}
        />
      )}
    </Loaded>
  );
}

function Went({ job: { lastRun, isLate } }: { readonly job: JobView }) {
  const { words, format } = useReader();
  return (
    <span className={page.actions}>
      {lastRun === undefined ? null : (
        <Chip tone={lastRun.ok ? 'good' : 'danger'}>{lastRun.ok ? words.jobs.ok : words.jobs.failed}</Chip>
      )}
      {isLate ? <Chip tone="warn">{words.jobs.late}</Chip> : null}
      {lastRun?.durationMs === undefined ? null : (
        <span className="quiet">{words.jobs.took(format.number(lastRun.durationMs / 1000))}</span>
      )}
      {lastRun?.reason === undefined ? null : <span className="quiet">{lastRun.reason}</span>}
    </span>
  );
}

function Counts({ job: { lastRun } }: { readonly job: JobView }) {
  const { words, format } = useReader();
  const names: Readonly<Record<string, string>> = words.jobs.counted;
  const counts = Object.entries(lastRun?.counts ?? {}).filter(([, count]) => count > 0);
  return counts.length === 0
    ? '–'
    : counts.map(([name, count]) => `${names[name] ?? name}: ${format.number(count)}`).join(' · ');
}
