import { Radio, Textarea } from '@mantine/core';
import { useState } from 'react';
import page from '../page.module.css';
import { useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

/** Records what the patient wants of a proposal, before anybody decides. */
export function PositionDialog({ plan, onClose }: { readonly plan: string; onClose(): void }) {
  const words = useWords();
  const [position, setPosition] = useState('');
  const [note, setNote] = useState('');
  return (
    <ChangeDialog
      title={words.decide.position}
      submit={words.decide.position}
      done={words.decide.positionDone}
      change={
        position === ''
          ? undefined
          : { path: `/api/care-plans/${encodeURIComponent(plan)}/position`, body: { position, note: note.trim() } }
      }
      missing={words.acts.missingFields}
      onClose={onClose}
    >
      <Radio.Group label={words.decide.position} value={position} onChange={setPosition}>
        <div className={page.options}>
          <Radio value="agreed" label={words.decide.recordAgreement} />
          <Radio value="refused" label={words.decide.recordRefusal} />
        </div>
      </Radio.Group>
      <Textarea
        label={`${words.decide.note} (${words.common.optional})`}
        maxLength={1500}
        rows={2}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
