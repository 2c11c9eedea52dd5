import { useAround } from './around.ts';
import type { Draft } from './keep/use-draft.ts';
import { fill } from './render/render-words.ts';

/** Where the answers are, in words, after each of them. */
export function SavedLine({ draft: { keeping, retry } }: { readonly draft: Draft }) {
  const { words, format } = useAround();
  const said = {
    idle: words.save.idle,
    saving: words.save.saving,
    saved: keeping.state === 'saved' ? fill(words.save.saved, { time: format.time(keeping.at) }) : '',
    offline: words.save.waiting,
    unreachable: words.save.unreachable,
    refused: words.save.refused,
    expired: '',
    conflict: '',
  }[keeping.state];
  const isStuck = keeping.state === 'unreachable' || keeping.state === 'refused';
  return (
    <div className={`saved ${keeping.state}`}>
      <span role="status">{said}</span>
      {isStuck && (
        <>
          {' '}
          <button type="button" className="link" onClick={retry}>
            {words.save.retry}
          </button>
        </>
      )}
    </div>
  );
}
