import { answer } from './ca/answer.ts';
import { methods } from './ca/methods.ts';
import { page } from './ca/page.ts';
import { tables } from './ca/tables.ts';
import type { ReportWords } from './en.ts';

export const ca: ReportWords = { page, answer, tables, methods };
