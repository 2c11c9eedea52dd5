import { Radio } from '@mantine/core';
import { useState } from 'react';
import type { PatientView } from '../../../domain/view/patient-view.ts';
import page from '../page.module.css';
import { useSay, useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

interface SignProps {
  /** Id of the safety-review Task. */
  readonly task: string;
  onClose(): void;
}

const pathOf = (task: string, what: string): string => `/api/safety/signs/${encodeURIComponent(task)}/${what}`;

/** Takes a sign of danger up, in one's own name. */
export function AcknowledgeDialog({ task, onClose }: SignProps) {
  const words = useWords();
  return (
    <ChangeDialog
      title={words.safety.acknowledgeTitle}
      submit={words.safety.acknowledge}
      done={words.safety.acknowledged}
      change={{ path: pathOf(task, 'acknowledgement'), body: {} }}
      isDanger
      onClose={onClose}
    >
      <p>{words.safety.acknowledgeText}</p>
    </ChangeDialog>
  );
}

/** Closes a sign with one of the outcomes that the protocol names. */
export function CloseSignDialog({
  task,
  outcomes,
  onClose,
}: SignProps & { readonly outcomes: PatientView['safetyOutcomes'] }) {
  const words = useWords();
  const say = useSay();
  const [outcome, setOutcome] = useState('');
  return (
    <ChangeDialog
      title={words.safety.closeTitle}
      submit={words.safety.close}
      done={words.safety.closed}
      change={outcome === '' ? undefined : { path: pathOf(task, 'closure'), body: { outcome } }}
      missing={words.safety.outcomeMissing}
      isDanger
      onClose={onClose}
    >
      <p>{words.safety.closeText}</p>
      <Radio.Group label={words.safety.outcome} value={outcome} onChange={setOutcome}>
        <div className={page.options}>
          {outcomes.map((it) => (
            <Radio key={it.code} value={it.code} label={say(it.title)} />
          ))}
        </div>
      </Radio.Group>
    </ChangeDialog>
  );
}
