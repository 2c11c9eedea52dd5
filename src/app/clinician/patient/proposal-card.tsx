import { Button } from '@mantine/core';
import { useState } from 'react';
import type { PatientView, ProposalView } from '../../../domain/view/patient-view.ts';
import { ApproveDialog, DeclineDialog } from '../decide/decision-dialogs.tsx';
import { OtherLevelDialog } from '../decide/other-level-dialog.tsx';
import { PositionDialog } from '../decide/position-dialog.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import { Card } from './card.tsx';
import { Evidence } from './evidence.tsx';
import styles from './needs-section.module.css';

interface ProposalProps {
  readonly proposal: ProposalView;
  readonly view: PatientView;
}

/** What a rule proposes: its sentence, the answers it rests on, what would change, and three things to do. */
export function ProposalCard({ proposal, view }: ProposalProps) {
  const { words, format } = useReader();
  const say = useSay();
  const { decideBy, owner, escalated } = proposal;
  return (
    <Card tone="accent">
      <h3>
        <Chip tone="accent">{words.decide[proposal.direction](say(proposal.to.title))}</Chip>
      </h3>
      <p className={styles.sentence}>
        {proposal.sentence === undefined ? words.decide.hidden : say(proposal.sentence)}
      </p>
      <Evidence evidence={proposal.evidence} patient={view.banner.id} />
      <div className={styles.changes}>
        <Changes title={words.decide.adds} items={proposal.adds.map(say)} />
        <Changes title={words.decide.ends} items={proposal.ends.map(say)} />
      </div>
      <p className="quiet">
        {words.decide.proposed} {decideBy === undefined ? '' : `${words.decide.byDate(format.date(decideBy))}.`}{' '}
        {owner?.name === undefined ? '' : `${words.decide.asked(owner.name)}.`} {escalated ? words.decide.late : ''}
      </p>
      <p className={styles.rule}>{words.decide.rule(ruleName(proposal.rule))}</p>
      <Actions proposal={proposal} view={view} />
    </Card>
  );
}

/** "step-up-2, stepped-psychosocial-care|1.0.0": the rule, and the version of the protocol that it stands in. */
const ruleName = ({ canonical, action }: ProposalView['rule']): string =>
  `${action}, ${canonical.split('/').at(-1) ?? canonical}`;

function Changes({ title, items }: { readonly title: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <span className="quiet">{title}</span>
      <ul>
        {items.map((it) => (
          <li key={it}>{it}</li>
        ))}
      </ul>
    </>
  );
}

function Actions({ proposal, view }: ProposalProps) {
  const { words } = useReader();
  const say = useSay();
  const [asked, setAsked] = useState<'approve' | 'decline' | 'other' | 'position'>();
  const done = () => setAsked(undefined);
  if (!proposal.mayDecide) return <p className="quiet">{words.decide.notYours}</p>;
  const title = say(proposal.to.title);
  return (
    <>
      {proposal.agreementMissing ? <p>{words.decide.agreement}</p> : null}
      <div className={page.actions}>
        {proposal.agreementMissing ? (
          <Button onClick={() => setAsked('position')}>{words.decide.position}</Button>
        ) : (
          <Button data-act="approve" onClick={() => setAsked('approve')}>
            {words.decide.approve}
          </Button>
        )}
        <Button data-act="decline" variant="default" onClick={() => setAsked('decline')}>
          {words.decide.decline}
        </Button>
        {view.rights.override ? (
          <Button data-act="other" variant="subtle" onClick={() => setAsked('other')}>
            {words.decide.other}
          </Button>
        ) : null}
      </div>
      {asked === 'approve' ? <ApproveDialog proposal={proposal.id} title={title} onClose={done} /> : null}
      {asked === 'decline' ? <DeclineDialog proposal={proposal.id} onClose={done} /> : null}
      {asked === 'position' ? <PositionDialog plan={proposal.id} onClose={done} /> : null}
      {asked === 'other' ? <OtherLevelDialog view={view} onClose={done} /> : null}
    </>
  );
}
