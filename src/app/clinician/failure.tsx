import { Alert, Button } from '@mantine/core';
import { use } from 'react';
import { Refused } from '../api/refused.ts';
import type { AppWords } from '../words/en.ts';
import styles from './failure.module.css';
import { useWords } from './reader.ts';
import { SessionContext } from './session.ts';

type Kind = Exclude<keyof AppWords['failure'], 'reference' | 'reasons'>;

/** Which of the things that can go wrong this is. */
function kindOf(error: unknown): Kind {
  if (!(error instanceof Refused)) return 'broken';
  if (error.kind === 'offline' || error.kind === 'late') return error.kind;
  switch (error.status) {
    case 401:
      return 'ended';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'gone';
    case 409:
    case 412:
      return 'changed';
    case 400:
    case 413:
    case 415:
    case 422:
      return 'unfit';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'busy';
    default:
      return 'broken';
  }
}

export interface FailureProps {
  readonly error: unknown;
  onRetry?(): void;
}

/** What happened, what is safe, what to do; and one button to do it. */
export function Failure({ error, onRetry }: FailureProps) {
  const words = useWords();
  const kind = kindOf(error);
  const { what, safe, act } = words.failure[kind];
  const session = use(SessionContext);
  const signIn = kind === 'ended' ? session?.signIn : undefined;
  const reason = error instanceof Refused ? error.reason : 'unexpected';
  const known = Object.entries(words.failure.reasons).find(([code]) => code === reason)?.[1];
  return (
    <Alert role="alert" color="red" variant="light" title={what} className={styles.failure}>
      <p className={styles.line}>
        {safe} {known ?? act}
      </p>
      <p className={styles.reason}>{words.failure.reference(reason)}</p>
      {signIn === undefined ? null : <a href={signIn}>{words.shell.signIn}</a>}
      {onRetry === undefined || signIn !== undefined ? null : (
        <Button size="sm" variant="default" onClick={onRetry}>
          {words.common.retry}
        </Button>
      )}
    </Alert>
  );
}
