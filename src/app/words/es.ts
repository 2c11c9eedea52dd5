import type { AppWords } from './en.ts';
import { decide } from './es/decide.ts';
import { pages } from './es/pages.ts';
import { patient } from './es/patient.ts';
import { shell } from './es/shell.ts';

export const es: AppWords = { ...shell, ...patient, ...decide, ...pages };
