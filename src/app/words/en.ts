import { decide } from './en/decide.ts';
import { pages } from './en/pages.ts';
import { patient } from './en/patient.ts';
import { shell } from './en/shell.ts';

/** English: the shape that the other languages must fill, or they do not compile. */
export const en = { ...shell, ...patient, ...decide, ...pages };

/** All that the clinician's app says. */
export type AppWords = typeof en;
