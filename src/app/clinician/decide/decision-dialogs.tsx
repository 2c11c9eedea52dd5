import { NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

interface DecisionProps {
  /** Id of the proposal. */
  readonly proposal: string;
  onClose(): void;
}

const pathOf = (proposal: string): string => `/api/proposals/${encodeURIComponent(proposal)}/decision`;

/** Says what approving does before it is done. */
export function ApproveDialog({ proposal, title, onClose }: DecisionProps & { readonly title: string }) {
  const words = useWords();
  return (
    <ChangeDialog
      title={words.decide.approveTitle(title)}
      submit={words.decide.approve}
      done={words.decide.approved(title)}
      change={{ path: pathOf(proposal), body: { decision: 'approve' } }}
      onClose={onClose}
    >
      <p>{words.decide.approveText}</p>
    </ChangeDialog>
  );
}

/** Declining needs a reason: one of a short list, and words where the list does not say it. */
export function DeclineDialog({ proposal, onClose }: DecisionProps) {
  const words = useWords();
  const [reason, setReason] = useState('');
  const [text, setText] = useState('');
  const listed = Object.entries(words.decide.reasons);
  const said = reason === 'other' ? '' : (listed.find(([code]) => code === reason)?.[1] ?? '');
  const whole = [said, text.trim()].filter((it) => it !== '').join(': ');
  return (
    <ChangeDialog
      title={words.decide.declineTitle}
      submit={words.decide.decline}
      done={words.decide.declined}
      change={whole === '' ? undefined : { path: pathOf(proposal), body: { decision: 'decline', reason: whole } }}
      missing={words.decide.whyMissing}
      onClose={onClose}
    >
      <NativeSelect
        label={words.decide.why}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data={[{ value: '', label: words.decide.choose }, ...listed.map(([value, label]) => ({ value, label }))]}
      />
      <Textarea
        label={words.decide.freeText}
        maxLength={1500}
        rows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
