import { Button, Checkbox, TextInput, useComputedColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, use, useState } from 'react';
import type { CohortReportView } from '../../../domain/view/cohort-report-view.ts';
import { ask } from '../../api/ask.ts';
import { SpeakerContext } from '../api.ts';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { useTitle } from '../shell/use-title.ts';
import { ShadowReport } from './shadow-report.tsx';

/** The whole cohort is read and analysed before the answer. */
const PATIENCE_MS = 10 * 60_000;

interface Asked {
  readonly purpose: string;
  readonly approval: string;
  /** Nobody in the cohort is blinded; asked only where no study is configured. */
  readonly notATrial: boolean;
  readonly language: string;
}

/** The analysis of the cohort, for researchers: made when a purpose and an approval are given, and never kept here. */
export default function CohortPage() {
  const { words, language } = useReader();
  const speaker = use(SpeakerContext);
  const scheme = useComputedColorScheme('light');
  const [asked, setAsked] = useState({ purpose: '', approval: '', notATrial: false });
  const { data, error, isPending, mutate } = useMutation<CohortReportView, Error, Asked>({
    mutationFn: (body) =>
      ask<CohortReportView>(speaker, '/api/cohort-report', { method: 'POST', body, timeoutMs: PATIENCE_MS }),
    gcTime: 0,
  });
  useTitle(words.cohort.title);
  const make = (event?: FormEvent) => {
    event?.preventDefault();
    mutate({ ...asked, language });
  };
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{words.cohort.title}</h1>
      </div>
      <p className={page.lead}>{words.cohort.lead}</p>
      <form onSubmit={make} className={`${page.fields} no-print`}>
        {(['purpose', 'approval'] as const).map((key) => (
          <TextInput
            key={key}
            required
            label={words.cohort[key]}
            value={asked[key]}
            onChange={(event) => setAsked({ ...asked, [key]: event.currentTarget.value })}
          />
        ))}
        {data?.declarable || asked.notATrial ? (
          <Checkbox
            label={words.cohort.notATrial}
            checked={asked.notATrial}
            onChange={(event) => setAsked({ ...asked, notATrial: event.currentTarget.checked })}
          />
        ) : null}
        <Button type="submit" loading={isPending}>
          {words.cohort.make}
        </Button>
      </form>
      <p className="quiet" aria-live="polite">
        {isPending ? words.cohort.making : words.cohort.recorded}
      </p>
      {error === null ? null : <Failure error={error} onRetry={() => make()} />}
      {data === undefined ? null : (
        <>
          <p className="no-print">
            <Button variant="default" onClick={() => keep(data.page)}>
              {words.cohort.save}
            </Button>
          </p>
          <ShadowReport report={data} scheme={scheme} label={words.cohort.title} />
        </>
      )}
    </div>
  );
}

/** Hands the page over as a file; it goes through no server again. */
function keep(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = 'vincle-cohort.html';
  link.click();
  URL.revokeObjectURL(address);
}
