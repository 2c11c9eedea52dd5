import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DueView } from '../../../domain/view/patient-view.ts';
import { useSay, useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

export interface RescheduleProps {
  readonly patient: string;
  readonly due: DueView;
  onClose(): void;
}

/** Gives a form another window, with the reason. */
export function RescheduleDialog({ patient, due, onClose }: RescheduleProps) {
  const words = useWords();
  const say = useSay();
  const [start, setStart] = useState(due.opens.slice(0, 10));
  const [end, setEnd] = useState(due.due.slice(0, 10));
  const [reason, setReason] = useState('');
  const isWhole = start !== '' && end !== '' && start <= end && reason.trim() !== '';
  const path = `/api/patients/${encodeURIComponent(patient)}/tasks/${encodeURIComponent(due.task)}/reschedule`;
  return (
    <ChangeDialog
      title={words.acts.rescheduleTitle(say(due.title))}
      submit={words.acts.reschedule}
      done={words.acts.rescheduled}
      change={isWhole ? { path, body: { start, end, reason: reason.trim() } } : undefined}
      missing={words.acts.missingFields}
      onClose={onClose}
    >
      <TextInput
        type="date"
        label={words.acts.newStart}
        value={start}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label={words.acts.newEnd}
        value={end}
        min={start}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <Textarea
        label={words.common.reason}
        rows={2}
        maxLength={1500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
