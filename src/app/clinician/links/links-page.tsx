import { Button } from '@mantine/core';
import { useState } from 'react';
import type { MadeLinksView, MadeLinkView } from '../../../domain/view/made-links-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { Link, usePlace } from '../navigation.tsx';
import page from '../page.module.css';
import { ChoosePatient } from '../paper/choose-patient.tsx';
import { useReader, useSay } from '../reader.ts';
import { useSession } from '../session.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';
import { Chip } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';
import { MakeLink } from './make-link.tsx';

/** Personal links of one patient: to give one out, to see what became of it, to take it back. */
export default function LinksPage() {
  const { words } = useReader();
  const { query } = usePlace();
  const session = useSession();
  const patient = session.patient ?? query.get('patient') ?? '';
  if (patient === '')
    return <ChoosePatient title={words.links.title} lead={words.links.lead} place={{ page: 'links' }} />;
  return <LinksOf key={patient} patient={patient} isPinned={session.patient !== undefined} />;
}

function LinksOf({ patient, isPinned }: { readonly patient: string; readonly isPinned: boolean }) {
  const { words } = useReader();
  const reading = useRead<MadeLinksView>(`/api/patients/${encodeURIComponent(patient)}/links`);
  return (
    <Loaded
      title={words.links.title}
      lead={words.links.lead}
      reading={reading}
      above={
        isPinned ? null : (
          <p>
            <Link place={{ page: 'links' }}>{words.paper.choose}</Link>
          </p>
        )
      }
    >
      {(view) => (
        <>
          <div className={page.stack}>
            <h2>{view.patient.name ?? view.patient.id}</h2>
            {view.hasPhone ? <MakeLink view={view} /> : <p role="alert">{words.links.noPhone}</p>}
          </div>
          <Made view={view} />
        </>
      )}
    </Loaded>
  );
}

function Made({ view }: { readonly view: MadeLinksView }) {
  const { words, format } = useReader();
  const say = useSay();
  const [revoking, setRevoking] = useState<MadeLinkView>();
  const titles = new Map(view.forms.map((it) => [it.taskId, say(it.title)]));
  return (
    <section className={page.section} aria-labelledby="made">
      <h2 id="made">{words.links.made}</h2>
      <DataTable
        caption={words.links.made}
        empty={words.links.none}
        rows={view.links}
        keyOf={(it) => it.id}
        columns={[
          { key: 'when', head: words.links.madeAt, cell: (it) => format.dateTime(it.madeAt) },
          {
            key: 'forms',
            head: words.links.forms,
            cell: (it) => it.tasks.map((task) => titles.get(task) ?? words.links.answered).join(', '),
          },
          { key: 'until', head: words.links.until, cell: (it) => format.dateTime(it.expiresAt) },
          {
            key: 'state',
            head: words.round.state,
            cell: (it) => (
              <Chip tone={it.state === 'open' ? 'accent' : 'plain'}>
                {it.state === 'over' ? words.links.over : words.links.open(it.triesLeft ?? 0)}
              </Chip>
            ),
          },
          {
            key: 'do',
            head: words.review.do,
            cell: (it) =>
              it.state === 'over' ? (
                '–'
              ) : (
                <Button size="compact-sm" variant="default" onClick={() => setRevoking(it)}>
                  {words.links.revoke}
                </Button>
              ),
          },
        ]}
      />
      {revoking === undefined ? null : (
        <ChangeDialog
          title={words.links.sure}
          submit={words.links.revoke}
          done={words.links.revoked}
          isDanger
          change={{ path: `/api/links/${encodeURIComponent(revoking.id)}/revocation`, body: {} }}
          onClose={() => setRevoking(undefined)}
        >
          <p>{words.links.sureText}</p>
        </ChangeDialog>
      )}
    </section>
  );
}
