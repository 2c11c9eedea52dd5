/* Smart Forms' renderer is published for bundlers only. */
export default {
  logLevel: 'error',
  build: { outDir: 'built', emptyOutDir: true, minify: false, rollupOptions: { input: ['smart-forms.html'] } },
};
