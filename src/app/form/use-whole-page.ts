import { useEffect, useState } from 'react';

const DESK = '(min-width: 48rem)';

/** Whether the whole form stands on one page: on a desk it does, on a phone it does not, until a person says otherwise. */
export function useWholePage(): readonly [boolean, (isWhole: boolean) => void] {
  const [isDesk, setDesk] = useState(() => matchMedia(DESK).matches);
  const [chosen, setChosen] = useState<boolean>();
  useEffect(() => {
    const media = matchMedia(DESK);
    const follow = () => setDesk(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  return [chosen ?? isDesk, setChosen];
}
