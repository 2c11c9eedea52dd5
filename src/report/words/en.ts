import { answer } from './en/answer.ts';
import { methods } from './en/methods.ts';
import { page } from './en/page.ts';
import { tables } from './en/tables.ts';

/** English: the shape that the other languages must fill, or they do not compile. */
export const en = { page, answer, tables, methods };

/** All that the report says. */
export type ReportWords = typeof en;
