/** A page of the clinician's app. What a page filters stands in its query, so that it can be shared as a link. */
export type Place =
  | { readonly page: 'worklist' }
  | { readonly page: 'patient'; readonly patient: string }
  | { readonly page: 'response'; readonly patient: string; readonly response: string }
  | { readonly page: 'round'; readonly task?: string }
  | { readonly page: 'paper'; readonly task?: string }
  | { readonly page: 'links' }
  | { readonly page: 'review' }
  | { readonly page: 'dead-letters' }
  | { readonly page: 'jobs' }
  | { readonly page: 'response-rates' }
  | { readonly page: 'accesses' }
  | { readonly page: 'cohort' }
  | { readonly page: 'unknown' };

const SIMPLE = ['links', 'review', 'dead-letters', 'jobs', 'response-rates', 'accesses', 'cohort'] as const;

/** The page that a path below the launch names. */
export function placeOf(path: string): Place {
  const [first, second, third, fourth, ...rest] = path
    .split('/')
    .filter((it) => it !== '')
    .map(decode);
  if (rest.length > 0) return { page: 'unknown' };
  if (first === undefined) return { page: 'worklist' };
  if (first === 'patients' && second !== undefined) {
    if (third === undefined) return { page: 'patient', patient: second };
    if (third === 'responses' && fourth !== undefined) return { page: 'response', patient: second, response: fourth };
  }
  if ((first === 'round' || first === 'paper') && third === undefined)
    return second === undefined ? { page: first } : { page: first, task: second };
  const simple = SIMPLE.find((it) => it === first);
  return simple === undefined || second !== undefined ? { page: 'unknown' } : { page: simple };
}

/** The path of a page below the launch, with a slash before it. */
export function pathOf(place: Place): string {
  switch (place.page) {
    case 'worklist':
    case 'unknown':
      return '/';
    case 'patient':
      return `/patients/${encodeURIComponent(place.patient)}`;
    case 'response':
      return `/patients/${encodeURIComponent(place.patient)}/responses/${encodeURIComponent(place.response)}`;
    case 'round':
    case 'paper':
      return place.task === undefined ? `/${place.page}` : `/${place.page}/${encodeURIComponent(place.task)}`;
    default:
      return `/${place.page}`;
  }
}

/** What cannot be decoded is no id that anybody made: it finds nothing. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
