import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DueView, PatientView, SignView } from '../../../domain/view/patient-view.ts';
import { AcknowledgeDialog, CloseSignDialog } from '../decide/sign-dialogs.tsx';
import { Link } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { Card } from './card.tsx';
import styles from './needs-section.module.css';
import { ProposalCard } from './proposal-card.tsx';

/** At most three things, the weightiest first, each with one main action. Safety signs are never left out. */
export function NeedsSection({ view }: { readonly view: PatientView }) {
  const { words } = useReader();
  const overdue = view.due.filter((it) => it.state === 'overdue');
  const { proposal, signs } = view;
  return (
    <section aria-labelledby="needs">
      <h2 id="needs" tabIndex={-1} className={styles.title}>
        {words.patient.needs}
      </h2>
      <div className={styles.cards}>
        {signs.map((it) => (
          <SignCard key={it.task} sign={it} view={view} />
        ))}
        {proposal === undefined ? null : <ProposalCard proposal={proposal} view={view} />}
        {overdue.length === 0 ? null : <OverdueCard overdue={overdue} view={view} />}
      </div>
      {signs.length === 0 && proposal === undefined && overdue.length === 0 ? (
        <p>
          <Chip tone="good">{words.patient.nothing}</Chip>
        </p>
      ) : null}
    </section>
  );
}

function SignCard({ sign, view }: { readonly sign: SignView; readonly view: PatientView }) {
  const { words, format } = useReader();
  const [asked, setAsked] = useState<'acknowledge' | 'close'>();
  const name = sign.owner?.name;
  const isLate = !sign.takenUp && Date.parse(sign.respondBy ?? '') < Date.parse(view.asOf);
  const title = !sign.takenUp
    ? words.safety.open
    : name === undefined
      ? words.safety.takenUp
      : words.safety.taken(name);
  return (
    <Card tone="danger">
      <h3>
        <Chip tone="danger">{title}</Chip>
      </h3>
      <p>
        {sign.raisedAt === undefined ? null : words.safety.raised(format.dateTime(sign.raisedAt))}{' '}
        {sign.takenUp || sign.respondBy === undefined ? null : words.safety.respondBy(format.dateTime(sign.respondBy))}{' '}
        {isLate ? <strong>{words.safety.late}</strong> : null}
      </p>
      <div className={page.actions}>
        {!view.rights.safety ? null : (
          <Button color="red" onClick={() => setAsked(sign.takenUp ? 'close' : 'acknowledge')}>
            {sign.takenUp ? words.safety.close : words.safety.acknowledge}
          </Button>
        )}
        {sign.responseId === undefined ? null : (
          <Link place={{ page: 'response', patient: view.banner.id, response: sign.responseId }}>
            {words.safety.answers}
          </Link>
        )}
      </div>
      {asked === 'acknowledge' ? <AcknowledgeDialog task={sign.task} onClose={() => setAsked(undefined)} /> : null}
      {asked === 'close' ? (
        <CloseSignDialog task={sign.task} outcomes={view.safetyOutcomes} onClose={() => setAsked(undefined)} />
      ) : null}
    </Card>
  );
}

function OverdueCard({ overdue, view }: { readonly overdue: readonly DueView[]; readonly view: PatientView }) {
  const { words, format } = useReader();
  const say = useSay();
  const own = overdue.find((it) => it.rater === 'therapist');
  return (
    <Card tone="warn">
      <h3>
        <Chip tone="warn">{words.due.overdue(overdue.length)}</Chip>
      </h3>
      <ul className={styles.list}>
        {overdue.map((it) => (
          <li key={it.task}>
            <strong>{say(it.title)}</strong> ({words.patient.rater[it.rater]}):{' '}
            {words.patient.asked(format.date(it.opens))}
            {it.daysLate === undefined ? null : `, ${words.patient.overdue(it.daysLate)}`}
          </li>
        ))}
      </ul>
      <div className={page.actions}>
        {own !== undefined && view.rights.answer ? (
          <Link className={styles.main} place={{ page: 'round', task: own.task }}>
            {words.due.answer}
          </Link>
        ) : (
          <a href="#due">{words.due.see}</a>
        )}
      </div>
    </Card>
  );
}
