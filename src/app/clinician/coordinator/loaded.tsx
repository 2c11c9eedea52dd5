import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';
import { useWords } from '../reader.ts';
import { useTitle } from '../shell/use-title.ts';

export interface LoadedProps<T> {
  readonly title: string;
  readonly lead: string;
  readonly reading: UseQueryResult<T>;
  /** Above what is loaded, and there before it: filters. */
  readonly above?: ReactNode;
  children(value: T): ReactNode;
}

/** A page with a title, one reading, and what to say while it is not there. */
export function Loaded<T>({ title, lead, reading, above, children }: LoadedProps<T>) {
  const words = useWords();
  const { data, error, refetch } = reading;
  useTitle(title);
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{title}</h1>
      </div>
      <p className={page.lead}>{lead}</p>
      {above}
      {error === null ? null : <Failure error={error} onRetry={refetch} />}
      {data === undefined && error === null ? <p className="quiet">{words.common.loading}</p> : null}
      {data === undefined ? null : children(data)}
    </div>
  );
}
