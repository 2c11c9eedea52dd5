import { Link } from '../navigation.tsx';
import { useWords } from '../reader.ts';

/** Opens the answers, their scoring and where they came from. */
export function AnswersLink({
  patient,
  response,
}: {
  readonly patient: string;
  readonly response: string | undefined;
}) {
  const words = useWords();
  return response === undefined ? (
    '–'
  ) : (
    <Link place={{ page: 'response', patient, response }}>{words.patient.answers}</Link>
  );
}
