import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PatientView, PersonNamed } from '../../../domain/view/patient-view.ts';
import { useSay, useWords } from '../reader.ts';
import { ChangeDialog } from '../shell/change-dialog.tsx';

interface CareProps {
  readonly view: PatientView;
  onClose(): void;
}

const pathOf = (view: PatientView, what: string): string =>
  `/api/patients/${encodeURIComponent(view.banner.id)}/${what}`;

/** Begins stepped care at a level. */
export function EnrolDialog({ view, onClose }: CareProps) {
  const words = useWords();
  const say = useSay();
  const [level, setLevel] = useState(view.levels[0]?.code ?? '');
  return (
    <ChangeDialog
      title={words.acts.enrol}
      submit={words.acts.enrol}
      done={words.acts.enrolled}
      change={level === '' ? undefined : { path: pathOf(view, 'enrolment'), body: { level } }}
      missing={words.acts.missingFields}
      onClose={onClose}
    >
      <p>{words.acts.enrolText}</p>
      <NativeSelect
        label={words.decide.level}
        value={level}
        onChange={(event) => setLevel(event.currentTarget.value)}
        data={view.levels.map((it) => ({ value: it.code, label: `${it.rank} · ${say(it.title)}` }))}
      />
    </ChangeDialog>
  );
}

const dayAfter = (date: string): string => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);

/** Stops asking for a while; safety signs are watched all the same. */
export function PauseDialog({ view, onClose }: CareProps) {
  const words = useWords();
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const body = { reason: reason.trim(), ...(until === '' ? {} : { until }) };
  return (
    <ChangeDialog
      title={words.acts.pause}
      submit={words.acts.pause}
      done={words.acts.paused}
      change={body.reason === '' ? undefined : { path: pathOf(view, 'pause'), body }}
      missing={words.acts.noteMissing}
      onClose={onClose}
    >
      <p>{words.acts.pauseText}</p>
      <TextInput
        type="date"
        label={`${words.acts.until} (${words.common.optional})`}
        min={dayAfter(view.asOf.slice(0, 10))}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
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

/** Goes on after a pause. */
export function ResumeDialog({ view, onClose }: CareProps) {
  const words = useWords();
  return (
    <ChangeDialog
      title={words.acts.resume}
      submit={words.acts.resume}
      done={words.acts.resumed}
      change={{ path: pathOf(view, 'resume'), body: {} }}
      onClose={onClose}
    />
  );
}

/** Of two people with one name each is named with the id of the hospital’s record. */
function labelOf({ name, reference }: PersonNamed, all: readonly PersonNamed[]): string {
  const id = reference.slice(reference.indexOf('/') + 1);
  if (name === undefined) return id;
  return all.filter((it) => it.name === name).length > 1 ? `${name} (${id})` : name;
}

/** Gives the patient into the care of a colleague. */
export function HandoverDialog({ view, onClose }: CareProps) {
  const words = useWords();
  const [to, setTo] = useState('');
  const [note, setNote] = useState('');
  const body = { to, ...(note.trim() === '' ? {} : { reason: note.trim() }) };
  return (
    <ChangeDialog
      title={words.acts.handover}
      submit={words.acts.handover}
      done={words.acts.handedOver}
      change={to === '' ? undefined : { path: pathOf(view, 'handover'), body }}
      missing={words.acts.missingFields}
      onClose={onClose}
    >
      <p>{words.acts.handoverText}</p>
      <NativeSelect
        label={words.acts.colleague}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        data={[
          { value: '', label: words.decide.choose },
          ...(view.colleagues ?? []).map((it, _index, all) => ({ value: it.reference, label: labelOf(it, all) })),
        ]}
      />
      <Textarea
        label={`${words.decide.note} (${words.common.optional})`}
        rows={2}
        maxLength={1500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ChangeDialog>
  );
}
