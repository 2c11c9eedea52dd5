import { createTheme, type VariantColorResolverResult } from '@mantine/core';

type Tone = 'accent' | 'danger';

const result = (background: string, hover: string, color: string, border: string): VariantColorResolverResult => ({
  background,
  hover,
  color,
  border,
});

/** Mantine's variants, said in the tokens: what is filled, light or plain looks so in both colour schemes. */
function variantOf(variant: string, tone: Tone): VariantColorResolverResult {
  const clear = '1px solid transparent';
  switch (variant) {
    case 'filled':
      return tone === 'danger'
        ? result('var(--danger)', 'var(--danger-hover)', 'var(--surface)', clear)
        : result('var(--accent)', 'var(--accent-hover)', 'var(--on-accent)', clear);
    case 'light':
      return tone === 'danger'
        ? result('var(--danger-soft)', 'var(--danger-soft)', 'var(--danger)', clear)
        : result('var(--accent-soft)', 'var(--accent-soft-hover)', 'var(--accent)', clear);
    case 'subtle':
    case 'transparent':
      return result('transparent', 'var(--surface-hover)', `var(--${tone})`, clear);
    default:
      return result('var(--surface-raised)', 'var(--surface-hover)', 'var(--text)', '1px solid var(--line-strong)');
  }
}

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver: ({ variant, color }) => variantOf(variant, color === 'red' ? 'danger' : 'accent'),
});
