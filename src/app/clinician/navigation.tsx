import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  use,
  useCallback,
  useSyncExternalStore,
} from 'react';
import { type Place, pathOf, placeOf } from './place.ts';

/** Path of the launch; every address of the app begins with it. */
export const BaseContext = createContext('');

const MOVED = 'vincle:moved';

function subscribe(onMove: () => void): () => void {
  const events = ['popstate', MOVED];
  for (const it of events) addEventListener(it, onMove);
  return () => {
    for (const it of events) removeEventListener(it, onMove);
  };
}

const here = (): string => `${location.pathname}${location.search}`;

/** Goes to an address of this app. `replace` leaves no step for the back button. */
function go(address: string, replace = false): void {
  if (address === here()) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new Event(MOVED));
}

/** Where the tab stands: the page, and what it filters. */
export function usePlace(): { readonly place: Place; readonly query: URLSearchParams } {
  const base = use(BaseContext);
  const address = useSyncExternalStore(subscribe, here);
  const [path = '', search = ''] = address.split('?');
  return { place: placeOf(path.slice(base.length)), query: new URLSearchParams(search) };
}

export interface Navigation {
  /** The address of a page, fit for a link. */
  address(place: Place, query?: Readonly<Record<string, string>>): string;
  to(place: Place, query?: Readonly<Record<string, string>>): void;
  /** Changes what the present page filters; an empty value is left out. `replace` leaves no step for the back button. */
  filter(query: Readonly<Record<string, string>>, replace?: boolean): void;
}

const withQuery = (path: string, query: Readonly<Record<string, string>>): string => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return search === '' ? path : `${path}?${search}`;
};

export function useNavigation(): Navigation {
  const base = use(BaseContext);
  const address = useCallback<Navigation['address']>(
    (place, query = {}) => withQuery(base + pathOf(place), query),
    [base],
  );
  return {
    address,
    to: (place, query) => {
      go(address(place, query));
      scrollTo(0, 0);
    },
    filter: (query, replace) => {
      const now = Object.fromEntries(new URLSearchParams(location.search));
      go(withQuery(location.pathname, { ...now, ...query }), replace);
    },
  };
}

export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly place: Place;
  readonly query?: Readonly<Record<string, string>>;
}

/** A link within the app: an ordinary one to whoever opens it in a new tab or copies it. */
export function Link({ place, query, onClick, children, ...rest }: LinkProps) {
  const navigation = useNavigation();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigation.to(place, query);
  };
  return (
    <a href={navigation.address(place, query)} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
