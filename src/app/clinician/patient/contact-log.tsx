import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import { useChange } from '../api.ts';
import { Failure } from '../failure.tsx';
import { useWords } from '../reader.ts';
import { useNotice } from '../shell/notice.tsx';

type Kind = 'call' | 'video';

/** A call or a video call in two taps: which, and that it was so. */
export function ContactLog({ patient }: { readonly patient: string }) {
  const words = useWords();
  const notice = useNotice();
  const sending = useChange();
  const [kind, setKind] = useState<Kind>();
  const busy = useRef(false);
  const log = async (it: Kind) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await sending.mutateAsync({ path: `/api/patients/${encodeURIComponent(patient)}/contacts`, body: { kind: it } });
      notice(words.logging.done[it]);
      setKind(undefined);
    } catch {
      // The failure is shown beside the buttons.
    } finally {
      busy.current = false;
    }
  };
  if (kind === undefined)
    return (
      <>
        {(['call', 'video'] as const).map((it) => (
          <Button key={it} variant="light" onClick={() => setKind(it)}>
            {words.logging[it]}
          </Button>
        ))}
      </>
    );
  return (
    <>
      <Button autoFocus disabled={sending.isPending} onClick={() => log(kind)}>
        {sending.isPending ? words.common.saving : words.logging.sure(words.logging.kinds[kind])}
      </Button>
      <Button variant="default" onClick={() => setKind(undefined)}>
        {words.common.cancel}
      </Button>
      {sending.isError ? <Failure error={sending.error} /> : null}
    </>
  );
}
