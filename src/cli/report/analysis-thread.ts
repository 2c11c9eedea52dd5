import { parentPort, workerData } from 'node:worker_threads';
import { analyseCohort } from '../../analysis/analyse-cohort.ts';

// What analyse-apart.ts hands over, and nothing else, starts this file.
const { data, plan, options } = workerData;
parentPort?.postMessage(analyseCohort(data, plan, options));
