import type { ReportWords } from './en.ts';
import { answer } from './es/answer.ts';
import { methods } from './es/methods.ts';
import { page } from './es/page.ts';
import { tables } from './es/tables.ts';

export const es: ReportWords = { page, answer, tables, methods };
