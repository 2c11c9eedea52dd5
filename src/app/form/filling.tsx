import { useState } from 'react';
import type { FormView, ResponseSent } from '../../domain/view/form-view.ts';
import { go } from './address.ts';
import { useAround } from './around.ts';
import { ConflictNotice } from './conflict-notice.tsx';
import { Crisis } from './contact.tsx';
import { DonePage } from './done-page.tsx';
import { SignInNotice } from './failure.tsx';
import { type Draft, useDraft } from './keep/use-draft.ts';
import { OneQuestion } from './one-question.tsx';
import { ReviewPage } from './review-page.tsx';
import type { TaskPlace } from './task-place.ts';
import { useWholePage } from './use-whole-page.ts';
import { WholeForm } from './whole-form.tsx';

export interface FillingProps {
  readonly form: FormView;
  readonly place: TaskPlace;
}

/** A form from its first question to what happens after it was sent. */
export function Filling({ form, place }: FillingProps) {
  const { base } = useAround();
  const draft = useDraft(form);
  const [sent, setSent] = useState<ResponseSent>();
  const [isWhole, setWhole] = useWholePage();
  if (sent !== undefined) return <DonePage sent={sent} />;
  const shared = { form, draft, notices: <Notices form={form} draft={draft} /> };
  if (place.page === 'review' || place.page === 'done')
    return (
      <ReviewPage
        {...shared}
        onSent={(it) => {
          setSent(it);
          go(base, { page: 'done', task: form.taskId }, true);
        }}
      />
    );
  if (isWhole) return <WholeForm {...shared} onOneByOne={() => setWhole(false)} />;
  return (
    <OneQuestion
      {...shared}
      question={place.page === 'form' ? place.question : undefined}
      onWhole={() => setWhole(true)}
    />
  );
}

function Notices({ form, draft }: { readonly form: FormView; readonly draft: Draft }) {
  const { words } = useAround();
  const { crisis, keeping, isRestored } = draft;
  return (
    <>
      <div className="notices">
        {crisis !== undefined && <Crisis crisis={crisis} />}
        {keeping.state === 'expired' && <SignInNotice isUnsaved />}
        {keeping.state === 'conflict' && <ConflictNotice form={form} draft={draft} />}
      </div>
      {isRestored && keeping.state !== 'conflict' && keeping.state !== 'expired' && (
        <p className="notice good">{words.expired.restored}</p>
      )}
    </>
  );
}
