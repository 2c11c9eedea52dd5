import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReviewItem, ReviewView } from '../../../domain/view/review-view.ts';
import { useRead } from '../api.ts';
import { Link, useNavigation, usePlace } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';
import { Paging } from '../shell/paging.tsx';
import { DataTable } from '../shell/table.tsx';
import { Loaded } from './loaded.tsx';

type Action = ReviewItem['actions'][number];

/** Responses that wait for a person: what is wrong with which item, and what can be done. */
export default function ReviewPage() {
  const { words, format } = useReader();
  const { query } = usePlace();
  const [acting, setActing] = useState<{ readonly item: ReviewItem; readonly action: Action }>();
  const reason = query.get('reason') ?? '';
  const asked = new URLSearchParams([
    ...(reason === '' ? [] : [['reason', reason]]),
    ...(query.get('page') === null ? [] : [['page', query.get('page') ?? '']]),
  ] as string[][]);
  const reading = useRead<ReviewView>(`/api/review${asked.size === 0 ? '' : `?${asked}`}`, { keepsPrevious: true });
  return (
    <Loaded title={words.review.title} lead={words.review.lead} reading={reading}>
      {(view) => (
        <>
          <Reasons view={view} reason={reason} />
          <DataTable
            caption={words.review.title}
            empty={words.review.empty}
            rows={view.items}
            keyOf={(it) => it.task}
            columns={[
              { key: 'patient', head: words.review.patient, cell: (it) => <Who item={it} /> },
              { key: 'form', head: words.review.form, cell: (it) => <Form item={it} /> },
              {
                key: 'when',
                head: words.review.when,
                cell: (it) =>
                  it.authored === undefined ? (
                    words.common.unknown
                  ) : (
                    <span className={page.together}>{format.date(it.authored)}</span>
                  ),
              },
              { key: 'why', head: words.review.why, cell: (it) => <Why item={it} /> },
              {
                key: 'do',
                head: words.review.do,
                cell: (it) => (
                  <span className={page.together}>
                    {it.actions.map((action) => (
                      <Button
                        key={action}
                        size="compact-sm"
                        variant="default"
                        onClick={() => setActing({ item: it, action })}
                      >
                        {words.review.actions[action]}
                      </Button>
                    ))}
                  </span>
                ),
              },
            ]}
          />
          <Paging page={view.page} pages={view.pages} />
          {acting === undefined ? null : <ActDialog {...acting} onClose={() => setActing(undefined)} />}
        </>
      )}
    </Loaded>
  );
}

function Reasons({ view, reason }: { readonly view: ReviewView; readonly reason: string }) {
  const { words, format } = useReader();
  const say = useSay();
  const navigation = useNavigation();
  return (
    <NativeSelect
      className="no-print"
      label={words.review.why}
      value={reason}
      mb="md"
      maw="32rem"
      onChange={(event) => navigation.filter({ reason: event.currentTarget.value, page: '' })}
      data={[
        { value: '', label: words.review.all },
        ...view.reasons.map((it) => ({ value: it.reason, label: `${say(it.text)} (${format.number(it.count)})` })),
      ]}
    />
  );
}

/** Two people may bear one name: the record number and the date of birth stand below it. */
function Who({ item: { patient } }: { readonly item: ReviewItem }) {
  const { words, format } = useReader();
  if (patient === undefined) return <span className="quiet">{words.review.unknownPatient}</span>;
  const { recordNumber, birthDate } = patient;
  return (
    <>
      {patient.name ?? patient.id}
      {recordNumber === undefined ? null : (
        <>
          <br />
          <span className="quiet">{words.worklist.record(recordNumber)}</span>
        </>
      )}
      {birthDate === undefined ? null : (
        <>
          <br />
          <span className="quiet">{words.banner.born(format.date(birthDate))}</span>
        </>
      )}
    </>
  );
}

/** Which form, by whom; its answers only where they may be looked at. */
function Form({ item: { form, patient, responseId, mayOpen, rater } }: { readonly item: ReviewItem }) {
  const { words } = useReader();
  const say = useSay();
  const title = form === undefined ? '–' : say(form);
  return (
    <>
      {mayOpen === true && patient !== undefined && responseId !== undefined ? (
        <Link place={{ page: 'response', patient: patient.id, response: responseId }}>{title}</Link>
      ) : (
        title
      )}
      {rater === undefined ? null : (
        <>
          <br />
          <span className="quiet">
            {words.review.by[rater.kind]}
            {rater.name === undefined ? '' : `: ${rater.name}`}
          </span>
        </>
      )}
    </>
  );
}

function Why({ item }: { readonly item: ReviewItem }) {
  const { words } = useReader();
  const say = useSay();
  return (
    <ul className={page.plain}>
      {item.issues.map((it) => (
        <li key={`${it.reason}${it.linkId ?? ''}`}>
          {say(it.text)}
          {it.linkId === undefined ? '' : ` (${words.review.item(it.linkId)})`}
        </li>
      ))}
    </ul>
  );
}

function ActDialog({ item, action, onClose }: { readonly item: ReviewItem; readonly action: Action; onClose(): void }) {
  const { words } = useReader();
  const [note, setNote] = useState('');
  return (
    <ChangeDialog
      title={words.review.sure[action]}
      submit={words.review.actions[action]}
      done={words.review.done[action]}
      isDanger={action === 'refuse'}
      change={
        note.trim() === ''
          ? undefined
          : { path: `/api/review/${encodeURIComponent(item.task)}`, body: { action, note: note.trim() } }
      }
      missing={words.acts.noteMissing}
      onClose={onClose}
    >
      <Textarea
        label={words.review.note}
        rows={3}
        maxLength={1500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
