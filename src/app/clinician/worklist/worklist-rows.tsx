import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Need, WorklistRow } from '../../../domain/view/worklist-view.ts';
import { Link } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import { Chip, type ChipTone } from '../shell/chip.tsx';
import { type Column, DataTable } from '../shell/table.tsx';
import styles from './worklist.module.css';

const TONE: Readonly<Record<Need, ChipTone>> = {
  safety: 'danger',
  proposal: 'accent',
  overdue: 'warn',
  'alliance-change': 'plain',
};

/** One row a patient. Arrows go from patient to patient, Enter opens: the link in each row is what is walked along. */
export function WorklistRows({ rows }: { readonly rows: readonly WorklistRow[] }) {
  const { words } = useReader();
  const place = useRef<HTMLDivElement>(null);
  const columns = useColumns();
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const links = [...(place.current?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])];
    const at = links.findIndex((it) => it.matches(':focus'));
    if (step === undefined || links.length === 0) return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  };
  useEffect(() => {
    // On a fresh page, after going back, and from the search field, an arrow goes to the first patient.
    const enter = (event: globalThis.KeyboardEvent) => {
      const from = event.target instanceof Element ? event.target : undefined;
      if (
        event.key !== 'ArrowDown' ||
        event.defaultPrevented ||
        from?.matches('body, main, input[type=search]') !== true
      )
        return;
      event.preventDefault();
      place.current?.querySelector<HTMLAnchorElement>('a[data-row]')?.focus();
    };
    addEventListener('keydown', enter);
    return () => removeEventListener('keydown', enter);
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links within take the focus; this only hears their arrows
    <div ref={place} onKeyDown={walk} className={styles.rows}>
      <DataTable caption={words.worklist.title} columns={columns} rows={rows} keyOf={(it) => it.id} />
      <p className={`${styles.hint} no-print`}>{words.worklist.searchHint}</p>
    </div>
  );
}

function useColumns(): Column<WorklistRow>[] {
  const { words, format } = useReader();
  const say = useSay();
  const head = words.worklist.columns;
  return [
    { key: 'patient', head: head.patient, cell: (it) => <Name row={it} /> },
    {
      key: 'level',
      head: head.level,
      cell: ({ level }) =>
        level === undefined ? (
          <span className="quiet">{words.worklist.noLevel}</span>
        ) : (
          `${level.rank} · ${say(level.title)}`
        ),
    },
    {
      key: 'need',
      head: head.need,
      cell: ({ needs, paused }) => (
        <span className={styles.chips}>
          {needs.map((it) => (
            <Chip key={`${it.kind}${it.text.en}`} tone={TONE[it.kind]}>
              {say(it.text)}
            </Chip>
          ))}
          {paused === true ? <Chip tone="plain">{words.worklist.paused}</Chip> : null}
          {needs.length === 0 && paused !== true ? <span className="quiet">{words.worklist.nothing}</span> : null}
        </span>
      ),
    },
    {
      key: 'contact',
      head: head.contact,
      cell: ({ lastContact }) =>
        lastContact === undefined ? (
          <span className="quiet">{words.worklist.noContact}</span>
        ) : (
          format.date(lastContact)
        ),
    },
    {
      key: 'due',
      head: head.due,
      cell: ({ nextDue }) =>
        nextDue === undefined ? (
          <span className="quiet">{words.worklist.noDue}</span>
        ) : (
          `${format.date(nextDue.date)} · ${say(nextDue.title)}`
        ),
    },
  ];
}

function Name({ row }: { readonly row: WorklistRow }) {
  const { words } = useReader();
  return (
    <span className={styles.name}>
      <Link place={{ page: 'patient', patient: row.id }} data-row="">
        {row.name}
      </Link>
      <span className={styles.who}>
        {row.age === undefined ? null : `${words.common.years(row.age)} · `}
        {row.recordNumber === undefined ? null : words.worklist.record(row.recordNumber)}
      </span>
    </span>
  );
}
