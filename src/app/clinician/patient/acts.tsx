import { Button } from '@mantine/core';
import { useState } from 'react';
import type { PatientView } from '../../../domain/view/patient-view.ts';
import { EnrolDialog, HandoverDialog, PauseDialog, ResumeDialog } from '../decide/care-dialogs.tsx';
import { OtherLevelDialog } from '../decide/other-level-dialog.tsx';
import { Link } from '../navigation.tsx';
import page from '../page.module.css';
import { useWords } from '../reader.ts';
import { useSession } from '../session.ts';
import { ContactLog } from './contact-log.tsx';

type Act = 'enrol' | 'pause' | 'resume' | 'handover' | 'level';

const DIALOG = {
  enrol: EnrolDialog,
  pause: PauseDialog,
  resume: ResumeDialog,
  handover: HandoverDialog,
  level: OtherLevelDialog,
} as const;

/** What else can be done for this patient, as far as the person may. */
export function Acts({ view }: { readonly view: PatientView }) {
  const words = useWords();
  const [asked, setAsked] = useState<Act>();
  const { rights, banner } = view;
  const session = useSession();
  const hasLevel = banner.level !== undefined;
  const acts: readonly (readonly [Act, string, boolean])[] = [
    ['enrol', words.acts.enrol, rights.enrol && !hasLevel],
    ['level', words.decide.other, rights.override && hasLevel && view.proposal === undefined],
    ['pause', words.acts.pause, rights.pause && banner.paused === undefined],
    ['resume', words.acts.resume, rights.pause && banner.paused !== undefined],
    ['handover', words.acts.handover, rights.handover && (view.colleagues ?? []).length > 0],
  ];
  const Asked = asked === undefined ? undefined : DIALOG[asked];
  return (
    <div className={`${page.actions} no-print`}>
      {rights.logContact ? <ContactLog patient={banner.id} /> : null}
      {acts
        .filter(([, , may]) => may)
        .map(([act, label]) => (
          <Button key={act} variant="default" onClick={() => setAsked(act)}>
            {label}
          </Button>
        ))}
      {session.rights.includes('paper') ? (
        <Link place={{ page: 'paper' }} query={{ patient: banner.id }}>
          {words.paper.title}
        </Link>
      ) : null}
      {session.personalLinks === true && session.rights.includes('reschedule') ? (
        <Link place={{ page: 'links' }} query={{ patient: banner.id }}>
          {words.links.title}
        </Link>
      ) : null}
      <Button variant="subtle" onClick={() => print()}>
        {words.common.print}
      </Button>
      {Asked === undefined ? null : <Asked view={view} onClose={() => setAsked(undefined)} />}
    </div>
  );
}
