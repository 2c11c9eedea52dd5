import { TextInput } from '@mantine/core';
import type { ResponseRate, ResponseRatesView } from '../../../domain/view/review-view.ts';
import { useRead } from '../api.ts';
import { useNavigation, usePlace } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { DataTable } from '../shell/table.tsx';
import { Loaded } from './loaded.tsx';
import styles from './response-rates.module.css';

/** Of the forms that were asked for, how many were answered. */
export default function ResponseRatesPage() {
  const { words, format } = useReader();
  const say = useSay();
  const { query } = usePlace();
  const asked = new URLSearchParams(
    (['from', 'to'] as const).flatMap((key): [string, string][] => {
      const value = query.get(key);
      return value === null || value === '' ? [] : [[key, value]];
    }),
  );
  const path = `/api/response-rates${asked.size === 0 ? '' : `?${asked}`}`;
  const reading = useRead<ResponseRatesView>(path, { keepsPrevious: true });
  return (
    <Loaded
      title={words.rates.title}
      lead={words.rates.lead}
      reading={reading}
      above={<Span from={query.get('from') ?? reading.data?.from} to={query.get('to') ?? reading.data?.to} />}
    >
      {({ rates }) => (
        <DataTable
          caption={words.rates.figure}
          showCaption
          empty={words.rates.empty}
          rows={rates}
          keyOf={(it) => `${it.instrument}${it.rater}${it.visit?.en ?? ''}`}
          columns={[
            { key: 'form', head: words.rates.form, cell: (it) => say(it.title) },
            { key: 'rater', head: words.rates.rater, cell: (it) => words.patient.rater[it.rater] },
            { key: 'visit', head: words.rates.visit, cell: (it) => (it.visit === undefined ? '–' : say(it.visit)) },
            { key: 'asked', head: words.rates.asked, isNumber: true, cell: (it) => format.number(it.asked) },
            { key: 'answered', head: words.rates.answered, isNumber: true, cell: (it) => format.number(it.answered) },
            { key: 'expired', head: words.rates.expired, isNumber: true, cell: (it) => format.number(it.expired) },
            { key: 'share', head: words.rates.share, cell: (it) => <Share rate={it} /> },
          ]}
        />
      )}
    </Loaded>
  );
}

function Span({ from, to }: { readonly from: string | undefined; readonly to: string | undefined }) {
  const { words } = useReader();
  const navigation = useNavigation();
  return (
    <div className={`${page.actions} ${styles.span} no-print`}>
      <TextInput
        type="date"
        label={words.rates.from}
        value={from ?? ''}
        onChange={(event) => navigation.filter({ from: event.currentTarget.value }, true)}
      />
      <TextInput
        type="date"
        label={words.rates.to}
        value={to ?? ''}
        onChange={(event) => navigation.filter({ to: event.currentTarget.value }, true)}
      />
    </div>
  );
}

const WIDTH = 96;

/**
 * Of those that were answered or whose time is over, the share that was answered, as a number and as a bar of that
 * length: what is still open has not been missed.
 */
function Share({ rate: { asked, answered, expired } }: { readonly rate: ResponseRate }) {
  const { words, format } = useReader();
  if (asked === 0) return <span className="quiet">{words.rates.none}</span>;
  if (answered + expired === 0) return <span className="quiet">{words.rates.open}</span>;
  const share = answered / (answered + expired);
  return (
    <span className={styles.share}>
      <svg width={WIDTH} height={10} aria-hidden="true">
        <rect width={WIDTH} height={10} rx={3} className={styles.whole} />
        <rect width={WIDTH * share} height={10} rx={3} className={styles.part} />
      </svg>
      {format.percent(share)}
    </span>
  );
}
