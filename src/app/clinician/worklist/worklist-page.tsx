import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { WorklistView } from '../../../domain/view/worklist-view.ts';
import { useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Link, useNavigation, usePlace } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { Paging } from '../shell/paging.tsx';
import { useTitle } from '../shell/use-title.ts';
import styles from './worklist.module.css';
import { WorklistRows } from './worklist-rows.tsx';

const NEEDS = ['all', 'safety', 'proposal', 'overdue', 'alliance-change'] as const;
const SORTS = ['need', 'name'] as const;
const KEYS = ['q', 'need', 'sort', 'page'] as const;

/** My patients, by what needs me. What is filtered stands in the address. */
export function WorklistPage() {
  const { words, format } = useReader();
  const { query } = usePlace();
  const asked = new URLSearchParams(
    KEYS.flatMap((key): [string, string][] => {
      const value = query.get(key);
      return value === null || value === '' ? [] : [[key, value]];
    }),
  );
  const search = asked.size === 0 ? '' : `?${asked}`;
  const { data, error, isPlaceholderData, refetch } = useRead<WorklistView>(`/api/worklist${search}`, {
    keepsPrevious: true,
  });
  useTitle(words.worklist.title);
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{words.worklist.title}</h1>
        {data === undefined ? null : (
          <p className="quiet" aria-live="polite">
            {words.worklist.count(data.total)} · {words.worklist.checked(format.dateTime(data.asOf))}
          </p>
        )}
      </div>
      <Filters counts={data?.counts} />
      {error === null ? null : <Failure error={error} onRetry={refetch} />}
      {data === undefined ? (
        error === null ? (
          <p className="quiet">{words.common.loading}</p>
        ) : null
      ) : data.rows.length === 0 ? (
        <Empty view={data} isFiltered={asked.size > 0} />
      ) : (
        <div aria-busy={isPlaceholderData}>
          <WorklistRows rows={data.rows} />
          <Paging page={data.page} pages={data.pages} />
        </div>
      )}
    </div>
  );
}

function Filters({ counts }: { readonly counts: WorklistView['counts'] | undefined }) {
  const { words, format } = useReader();
  const { query } = usePlace();
  const navigation = useNavigation();
  const need = query.get('need') ?? 'all';
  const others = { q: query.get('q') ?? '', sort: query.get('sort') ?? '' };
  return (
    <div className={`${styles.filters} no-print`}>
      <Search />
      <nav aria-label={words.worklist.need} className={page.filters}>
        {NEEDS.map((it) => (
          <Link
            key={it}
            place={{ page: 'worklist' }}
            query={{ ...others, need: it === 'all' ? '' : it }}
            aria-current={need === it ? 'true' : undefined}
          >
            {words.worklist.needs[it]}
            {counts === undefined ? null : <span className={styles.count}>{format.number(counts[it])}</span>}
          </Link>
        ))}
      </nav>
      <NativeSelect
        aria-label={words.worklist.sort}
        value={query.get('sort') ?? 'need'}
        onChange={(event) => {
          const { value } = event.currentTarget;
          navigation.filter({ sort: value === 'need' ? '' : value, page: '' });
        }}
        data={SORTS.map((value) => ({ value, label: words.worklist.sorts[value] }))}
      />
    </div>
  );
}

const TYPING_MS = 250;

function Search() {
  const { words } = useReader();
  const { query } = usePlace();
  const navigation = useNavigation();
  const known = query.get('q') ?? '';
  const [text, setText] = useState(known);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(known), [known]);
  useEffect(() => {
    if (text === known) return;
    const timer = setTimeout(() => navigation.filter({ q: text.trim(), page: '' }, true), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, known, navigation]);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', jump);
    return () => removeEventListener('keydown', jump);
  }, []);
  return (
    <TextInput
      ref={field}
      type="search"
      className={styles.search}
      aria-label={words.worklist.search}
      placeholder={words.worklist.search}
      aria-keyshortcuts="/"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

function Empty({ view, isFiltered }: { readonly view: WorklistView; readonly isFiltered: boolean }) {
  const { words, format } = useReader();
  return (
    <div className={styles.empty}>
      <svg width="40" height="40" viewBox="0 0 40 40" aria-hidden="true">
        <path d="M8 21 L17 30 L33 11" />
      </svg>
      {isFiltered ? (
        <>
          <p>{words.worklist.noMatch}</p>
          <Link place={{ page: 'worklist' }}>{words.worklist.clear}</Link>
        </>
      ) : (
        <>
          <p>
            <strong>{words.worklist.allDone}</strong>
          </p>
          <p className="quiet">{words.worklist.allDoneText(format.dateTime(view.asOf))}</p>
        </>
      )}
    </div>
  );
}
