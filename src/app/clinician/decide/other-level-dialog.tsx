import { Radio, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PatientView } from '../../../domain/view/patient-view.ts';
import page from '../page.module.css';
import { useSay, useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

/** Chooses another level than the rules propose, with a reason. */
export function OtherLevelDialog({ view, onClose }: { readonly view: PatientView; onClose(): void }) {
  const words = useWords();
  const say = useSay();
  const [level, setLevel] = useState('');
  const [reason, setReason] = useState('');
  const present = view.stays.find((it) => it.to === undefined);
  const title = view.levels.find((it) => it.code === level)?.title;
  const isWhole = level !== '' && reason.trim() !== '' && present !== undefined;
  return (
    <ChangeDialog
      title={words.decide.otherTitle}
      submit={words.decide.other}
      done={words.decide.overridden(title === undefined ? level : say(title))}
      change={
        isWhole
          ? {
              path: `/api/patients/${encodeURIComponent(view.banner.id)}/level`,
              body: { level, reason: reason.trim(), insteadOf: present.plan },
            }
          : undefined
      }
      missing={words.acts.missingFields}
      onClose={onClose}
    >
      <Radio.Group label={words.decide.level} value={level} onChange={setLevel}>
        <div className={page.options}>
          {view.levels.map((it) => (
            <Radio
              key={it.code}
              value={it.code}
              disabled={it.code === present?.code}
              label={`${it.rank} · ${say(it.title)}${it.code === present?.code ? ` (${words.care.present})` : ''}`}
            />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label={words.decide.why}
        required
        maxLength={1500}
        rows={3}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
