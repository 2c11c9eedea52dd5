import type { FormItem, FormOption } from '../../../src/domain/view/form-item.ts';
import type { DueForm, FormView } from '../../../src/domain/view/form-view.ts';

const words = (text: string) => ({ en: text, es: `${text} (es)`, ca: `${text} (ca)` });

const options = (labels: readonly string[]): readonly FormOption[] =>
  labels.map((label, index) => ({ value: { valueCoding: { system: 'urn:example', code: String(index) } }, label }));

const choice = (linkId: string, text: string, labels: readonly string[]): FormItem => ({
  linkId,
  type: 'choice',
  text,
  options: options(labels),
});

/** A screener of three rows, one of which opens a fourth. */
const screener: readonly FormItem[] = [
  { linkId: 'instructions', type: 'display', text: 'Over the last two weeks, how often was this so?' },
  { ...choice('s-1', 'First question', ['Not at all', 'Several days', 'Nearly every day']), prefix: '1' },
  {
    ...choice('s-2', 'Second question', ['Not at all', 'Several days', 'Nearly every day']),
    prefix: '2',
    help: 'A help text stands below the question.',
  },
  {
    ...choice('s-3', 'What weighs most?', ['Work', 'Family', 'Money']),
    prefix: '3',
    enableWhen: [{ question: 's-2', operator: '=', answerCoding: { system: 'urn:example', code: '2' } }],
  },
];

const line: readonly FormItem[] = [
  {
    linkId: 'vas-1',
    type: 'integer',
    text: 'How satisfied are you with the app?',
    slider: { low: 0, high: 100, step: 1, lowLabel: 'Not satisfied at all', highLabel: 'Completely satisfied' },
  },
  {
    linkId: 'dt-1',
    type: 'integer',
    text: 'How much distress in the past week?',
    slider: { low: 0, high: 10, step: 1, lowLabel: 'No distress', highLabel: 'Extreme distress' },
  },
];

/** A hospital's own form: every item type there is. */
const own: readonly FormItem[] = [
  { linkId: 'yes', type: 'boolean', text: 'Do you live alone?' },
  { linkId: 'age', type: 'integer', text: 'How many people live with you?', min: 0, max: 20 },
  { linkId: 'weight', type: 'decimal', text: 'Your weight', min: 20, max: 300, unit: { code: 'kg', display: 'kg' } },
  { linkId: 'since', type: 'date', text: 'Since when are you treated?' },
  { linkId: 'note', type: 'text', text: 'What else should we know?' },
  { linkId: 'names', type: 'string', text: 'Who helps you?', repeats: true },
  {
    linkId: 'how',
    type: 'choice',
    text: 'How shall we reach you?',
    repeats: true,
    options: options(['Message', 'Call', 'Video']),
  },
  { linkId: 'other', type: 'open-choice', text: 'Your work', options: options(['At home', 'Away from home']) },
  {
    linkId: 'drugs',
    type: 'group',
    text: 'A medicine',
    repeats: true,
    items: [
      { linkId: 'drug', type: 'string', text: 'Name of the medicine' },
      { linkId: 'dose', type: 'decimal', text: 'How many a day', min: 0 },
    ],
  },
];

export const SCRIPTED: Readonly<Record<string, readonly FormItem[]>> = { screener, line, own };

const reading = {
  who: { en: 'your therapist', es: 'su terapeuta', ca: 'el seu terapeuta' },
  byWhen: { en: 'within two working days', es: 'en dos días laborables', ca: 'en dos dies laborables' },
  contact: { text: words('The ward’s telephone, day and night:'), phone: '+34 900 000 000' },
};

export const dueForm = (taskId: string): DueForm => ({
  taskId,
  title: words(`Form ${taskId}`),
  questions: SCRIPTED[taskId]?.length ?? 0,
  minutes: 3,
  until: '2026-12-01',
  isOverdue: false,
  answered: 0,
  reading,
});

export const formView = (taskId: string, asked: FormView['asked']): FormView => ({
  taskId,
  title: `Form ${taskId}`,
  language: 'en',
  asked,
  isFallback: asked !== 'en',
  wording: 'own',
  items: SCRIPTED[taskId] ?? [],
  reading,
});

export const SENT_READING = reading;
