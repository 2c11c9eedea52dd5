import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { DeadLetter, DeadLettersView } from '../../../domain/view/review-view.ts';
import { useRead } from '../api.ts';
import page from '../page.module.css';
import { useReader } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';
import { DataTable } from '../shell/table.tsx';
import { Loaded } from './loaded.tsx';

type Act = 'replay' | 'drop';

/** What could not be written to the hospital's server; never its content. */
export default function DeadLettersPage() {
  const { words, format } = useReader();
  const [acting, setActing] = useState<{ readonly letter: DeadLetter; readonly act: Act }>();
  const reading = useRead<DeadLettersView>('/api/dead-letters');
  return (
    <Loaded title={words.letters.title} lead={words.letters.lead} reading={reading}>
      {({ letters }) => (
        <>
          <DataTable
            caption={words.letters.title}
            empty={words.letters.empty}
            rows={letters}
            keyOf={(it) => it.id}
            columns={[
              { key: 'what', head: words.letters.what, cell: (it) => it.kind },
              { key: 'since', head: words.letters.since, cell: (it) => format.dateTime(it.since) },
              { key: 'tries', head: words.letters.tries, isNumber: true, cell: (it) => format.number(it.tries) },
              { key: 'reason', head: words.letters.reason, cell: (it) => it.reason },
              {
                key: 'do',
                head: words.letters.do,
                cell: (letter) => (
                  <span className={page.actions}>
                    {actsOn(letter).map((act) => (
                      <Button key={act} size="compact-sm" variant="default" onClick={() => setActing({ letter, act })}>
                        {words.letters[act]}
                      </Button>
                    ))}
                  </span>
                ),
              },
            ]}
          />
          {acting === undefined ? null : <ActDialog {...acting} onClose={() => setActing(undefined)} />}
        </>
      )}
    </Loaded>
  );
}

const actsOn = ({ mayReplay, mayDrop }: DeadLetter): readonly Act[] => [
  ...(mayReplay ? (['replay'] as const) : []),
  ...(mayDrop ? (['drop'] as const) : []),
];

interface ActDialogProps {
  readonly letter: DeadLetter;
  readonly act: Act;
  onClose(): void;
}

/** Why it is tried again, or dropped for good: the reason is on record with the person's name. */
function ActDialog({ letter, act, onClose }: ActDialogProps) {
  const { words } = useReader();
  const [reason, setReason] = useState('');
  return (
    <ChangeDialog
      title={words.letters.sure[act]}
      submit={words.letters[act]}
      done={words.letters.done[act]}
      isDanger={act === 'drop'}
      change={
        reason.trim() === ''
          ? undefined
          : { path: `/api/dead-letters/${encodeURIComponent(letter.id)}/${act}`, body: { reason: reason.trim() } }
      }
      missing={words.acts.noteMissing}
      onClose={onClose}
    >
      {act === 'drop' ? <p>{words.letters.lost}</p> : null}
      <Textarea
        label={words.common.reason}
        description={words.letters.noNames}
        rows={3}
        maxLength={1500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
