import { defineConfig } from 'vite';

/**
 * Both browser apps: `dist/app/clinician/index.html` and `dist/app/form/index.html`, their scripts and styles under
 * `/assets/` with a digest in the name. Nothing is inlined: the pages are served without inline script or style.
 */
export default defineConfig({
  root: 'src/app',
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: '../../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    sourcemap: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: ['src/app/clinician/index.html', 'src/app/form/index.html'],
      // Mantine's files are marked for frameworks that render on a server: nothing here does.
      checks: { moduleLevelDirective: false },
    },
  },
});
