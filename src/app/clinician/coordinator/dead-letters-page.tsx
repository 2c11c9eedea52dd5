import { Button } from '@mantine/core';
import type { DeadLettersView } from '../../../domain/view/review-view.ts';
import { useChange, useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { useReader } from '../reader.ts';
import { useNotice } from '../shell/notice.tsx';
import { DataTable } from '../shell/table.tsx';
import { Loaded } from './loaded.tsx';

/** What could not be written to the hospital's server; never its content. */
export default function DeadLettersPage() {
  const { words, format } = useReader();
  const notice = useNotice();
  const sending = useChange();
  const reading = useRead<DeadLettersView>('/api/dead-letters');
  const replay = (id: string) =>
    sending.mutate(
      { path: `/api/dead-letters/${encodeURIComponent(id)}/replay`, body: {} },
      { onSuccess: () => notice(words.letters.replayed) },
    );
  return (
    <Loaded title={words.letters.title} lead={words.letters.lead} reading={reading}>
      {({ letters }) => (
        <>
          {sending.isError ? <Failure error={sending.error} /> : null}
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
                cell: (it) =>
                  it.mayReplay ? (
                    <Button
                      size="compact-sm"
                      variant="default"
                      disabled={sending.isPending}
                      onClick={() => replay(it.id)}
                    >
                      {words.letters.replay}
                    </Button>
                  ) : (
                    '–'
                  ),
              },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}
