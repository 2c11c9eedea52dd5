import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DueView, PatientView } from '../../../domain/view/patient-view.ts';
import { RescheduleDialog } from '../decide/reschedule-dialog.tsx';
import { Link } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { Chip, type ChipTone } from '../shell/chip.tsx';
import { DataTable } from '../shell/table.tsx';

const TONE: Readonly<Record<DueView['state'], ChipTone>> = {
  upcoming: 'plain',
  open: 'accent',
  overdue: 'warn',
  expired: 'plain',
};

/** Forms that are asked for, or will be: who is asked, from when to when. */
export function DueSection({ view }: { readonly view: PatientView }) {
  const { words, format } = useReader();
  const say = useSay();
  const [moved, setMoved] = useState<DueView>();
  const patient = view.banner.id;
  return (
    <section className={page.section} aria-labelledby="due">
      <h2 id="due" tabIndex={-1}>
        {words.patient.due}
      </h2>
      <DataTable
        caption={words.patient.due}
        empty={words.patient.noDue}
        rows={view.due}
        keyOf={(it) => it.task}
        columns={[
          { key: 'form', head: words.patient.form, cell: (it) => say(it.title) },
          { key: 'by', head: words.patient.by, cell: (it) => words.patient.rater[it.rater] },
          { key: 'opens', head: words.acts.newStart, cell: (it) => format.date(it.opens) },
          { key: 'due', head: words.acts.newEnd, cell: (it) => format.date(it.due) },
          { key: 'state', head: words.patient.state, cell: (it) => <State due={it} /> },
          {
            key: 'do',
            head: words.review.do,
            cell: (it) => (
              <span className={page.actions}>
                {it.rater === 'therapist' && view.rights.answer && (it.state === 'open' || it.state === 'overdue') ? (
                  <Link place={{ page: 'round', task: it.task }}>{words.due.answer}</Link>
                ) : null}
                {it.mayReschedule === true && view.rights.reschedule ? (
                  <Button size="compact-sm" variant="subtle" onClick={() => setMoved(it)}>
                    {words.acts.reschedule}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      {moved === undefined ? null : (
        <RescheduleDialog patient={patient} due={moved} onClose={() => setMoved(undefined)} />
      )}
    </section>
  );
}

function State({ due }: { readonly due: DueView }) {
  const { words } = useReader();
  const late = due.state === 'overdue' && due.daysLate !== undefined;
  return (
    <Chip tone={TONE[due.state]}>
      {late ? words.patient.overdue(due.daysLate ?? 0) : words.patient.states[due.state]}
    </Chip>
  );
}
