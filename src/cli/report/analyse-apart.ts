import { Worker } from 'node:worker_threads';
import type { CohortAnalysis } from '../../analysis/result.ts';
import type { Analyse } from '../../pipeline/cohort/analyse-reading.ts';

/** The analysis in a thread of its own: while it computes, signs of danger are still seen and pages answered. */
export const analyseApart: Analyse = (data, plan, options) =>
  new Promise<CohortAnalysis>((resolve, reject) => {
    const thread = new Worker(new URL('./analysis-thread.ts', import.meta.url), {
      workerData: { data, plan, options },
    });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`The analysis ended without a result (${code}).`)));
  });
