import { localStorageColorSchemeManager, type MantineColorScheme } from '@mantine/core';

const KEY = 'vincle-appearance';

/** Remembers light or dark in this browser, where the browser lets it. */
export const schemeManager = localStorageColorSchemeManager({ key: KEY });

export const SCHEMES: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

/** The scheme to paint first: what was chosen here, else what the device asks for. */
export function presentScheme(): 'light' | 'dark' {
  const chosen = schemeManager.get('auto');
  if (chosen !== 'auto') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
