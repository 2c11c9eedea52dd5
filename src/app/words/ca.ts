import { decide } from './ca/decide.ts';
import { pages } from './ca/pages.ts';
import { patient } from './ca/patient.ts';
import { shell } from './ca/shell.ts';
import type { AppWords } from './en.ts';

export const ca: AppWords = { ...shell, ...patient, ...decide, ...pages };
