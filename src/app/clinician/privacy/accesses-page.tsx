import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { AccessesView, AccessRow } from '../../../domain/view/access-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { useNavigation, usePlace } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { Paging } from '../shell/paging.tsx';
import { DataTable } from '../shell/table.tsx';

const KEYS = ['patient', 'who', 'from', 'to', 'page'] as const;

/** Who looked at what, for the privacy officer. */
export default function AccessesPage() {
  const { words, format } = useReader();
  const { query } = usePlace();
  const purposes = new Map(Object.entries(words.accesses.purposes));
  const asked = new URLSearchParams(
    KEYS.flatMap((key): [string, string][] => {
      const value = query.get(key);
      return value === null || value === '' ? [] : [[key, value]];
    }),
  );
  const reading = useRead<AccessesView>(`/api/accesses${asked.size === 0 ? '' : `?${asked}`}`, { keepsPrevious: true });
  return (
    <Loaded
      title={words.accesses.title}
      lead={words.accesses.lead}
      reading={reading}
      above={<Filters key={asked.toString()} query={query} />}
    >
      {(view) => (
        <>
          <p className="quiet" aria-live="polite">
            {words.accesses.count(view.total)}
          </p>
          <DataTable
            caption={words.accesses.title}
            empty={words.accesses.empty}
            rows={view.rows}
            keyOf={(it) => it.id}
            columns={[
              { key: 'when', head: words.accesses.when, cell: (it) => format.dateTime(it.at) },
              { key: 'who', head: words.accesses.who, cell: (it) => <Who row={it} /> },
              {
                key: 'patient',
                head: words.accesses.patient,
                cell: ({ patient }) => (patient === undefined ? '–' : (patient.name ?? patient.id)),
              },
              { key: 'action', head: words.accesses.action, cell: (it) => words.accesses.actions[it.action] },
              { key: 'what', head: words.accesses.what, cell: (it) => it.what.join(', ') },
              {
                key: 'purpose',
                head: words.accesses.purpose,
                cell: (it) => purposes.get(it.purpose ?? '') ?? it.purpose ?? '–',
              },
              {
                key: 'ok',
                head: words.accesses.ok,
                cell: (it) => (
                  <Chip tone={it.ok ? 'plain' : 'warn'}>{it.ok ? words.accesses.allowed : words.accesses.refused}</Chip>
                ),
              },
            ]}
          />
          <Paging page={view.page} pages={view.pages} />
        </>
      )}
    </Loaded>
  );
}

function Who({ row: { who, inCare } }: { readonly row: AccessRow }) {
  const { words } = useReader();
  return (
    <>
      {who.name ?? who.reference}
      {who.role === undefined ? '' : `, ${who.role}`}
      {inCare === false ? <Chip tone="warn">{words.accesses.outside}</Chip> : null}
    </>
  );
}

function Filters({ query }: { readonly query: URLSearchParams }) {
  const { words } = useReader();
  const navigation = useNavigation();
  const [fields, setFields] = useState({
    patient: query.get('patient') ?? '',
    who: query.get('who') ?? '',
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
  });
  const search = (event: FormEvent) => {
    event.preventDefault();
    navigation.filter({ ...fields, page: '' });
  };
  const field = (key: keyof typeof fields, label: string, type: 'text' | 'date') => (
    <TextInput
      type={type}
      label={label}
      value={fields[key]}
      onChange={(event) => setFields({ ...fields, [key]: event.currentTarget.value })}
    />
  );
  return (
    <form onSubmit={search} className={`${page.fields} no-print`}>
      {field('patient', words.accesses.recordNumber, 'text')}
      {field('who', words.accesses.person, 'text')}
      {field('from', words.accesses.from, 'date')}
      {field('to', words.accesses.to, 'date')}
      <Button type="submit">{words.accesses.search}</Button>
    </form>
  );
}
