import type { Notice, NoticeKind, Recipient } from './port.ts';

type Language = Recipient['language'];

/** What is sent: a subject and a body without a name, an answer or an instrument. */
export interface NoticeText {
  readonly subject: string;
  readonly body: string;
}

interface Words {
  readonly subject: string;
  readonly sentence: string;
}

const WORDS: Readonly<Record<Language, Readonly<Record<NoticeKind, Words>>>> = {
  en: {
    reminder: { subject: 'Reminder', sentence: 'Something is waiting for you in the application.' },
    'safety-sign': { subject: 'Urgent: to be seen now', sentence: 'An urgent task is waiting for you.' },
    'safety-escalation': {
      subject: 'Urgent: nobody has taken this up yet',
      sentence: 'An urgent task is waiting, and nobody before you has taken it up.',
    },
    'decision-overdue': {
      subject: 'A decision is overdue',
      sentence: 'A proposal waits for a decision longer than it should.',
    },
    'safety-watch-down': {
      subject: 'Urgent: the watch is down',
      sentence: 'At this moment nobody is looking for urgent signs. Please look yourself until this is repaired.',
    },
    'one-time-code': { subject: 'Code', sentence: 'Your code. Nobody will ever ask you for it.' },
  },
  es: {
    reminder: { subject: 'Recordatorio', sentence: 'Tiene algo pendiente en la aplicación.' },
    'safety-sign': { subject: 'Urgente: hay que verlo ahora', sentence: 'Una tarea urgente le está esperando.' },
    'safety-escalation': {
      subject: 'Urgente: nadie se ha hecho cargo todavía',
      sentence: 'Una tarea urgente está esperando y nadie antes de usted se ha hecho cargo de ella.',
    },
    'decision-overdue': {
      subject: 'Una decisión está atrasada',
      sentence: 'Una propuesta lleva esperando una decisión más de lo debido.',
    },
    'safety-watch-down': {
      subject: 'Urgente: la vigilancia está parada',
      sentence: 'En este momento nadie está buscando señales urgentes. Revíselo usted hasta que se repare.',
    },
    'one-time-code': { subject: 'Código', sentence: 'Su código. Nadie se lo pedirá nunca.' },
  },
  ca: {
    reminder: { subject: 'Recordatori', sentence: 'Té alguna cosa pendent a l’aplicació.' },
    'safety-sign': { subject: 'Urgent: cal veure-ho ara', sentence: 'Us espera una tasca urgent.' },
    'safety-escalation': {
      subject: 'Urgent: encara ningú no se n’ha fet càrrec',
      sentence: 'Hi ha una tasca urgent que espera i ningú abans que vós no se n’ha fet càrrec.',
    },
    'decision-overdue': {
      subject: 'Una decisió va amb retard',
      sentence: 'Una proposta fa més temps del degut que espera una decisió.',
    },
    'safety-watch-down': {
      subject: 'Urgent: la vigilància està aturada',
      sentence: 'En aquest moment ningú no està buscant senyals urgents. Comproveu-ho personalment fins que es repari.',
    },
    'one-time-code': { subject: 'Codi', sentence: 'El seu codi. Ningú no l’hi demanarà mai.' },
  },
};

const LOGIN: Readonly<Record<Language, string>> = {
  en: 'Sign in to see it',
  es: 'Entre con su usuario para verlo',
  ca: 'Per veure-ho cal entrar-hi amb l’usuari',
};
const UNTIL: Readonly<Record<Language, string>> = { en: 'Until', es: 'Hasta', ca: 'Fins' };
const AUTOMATIC: Readonly<Record<Language, string>> = {
  en: 'This message was sent automatically; nobody reads replies.',
  es: 'Mensaje automático; nadie lee las respuestas.',
  ca: 'Missatge automàtic; ningú no llegeix les respostes.',
};

/** A day for a reminder, day and time for staff, in the programme’s own zone. */
function until({ kind, respondBy, to }: Notice, timeZone: string): string | undefined {
  const at = Date.parse(respondBy ?? '');
  if (Number.isNaN(at)) return undefined;
  const style: Intl.DateTimeFormatOptions =
    kind === 'reminder' ? { dateStyle: 'long' } : { dateStyle: 'long', timeStyle: 'short' };
  return `${UNTIL[to.language]}: ${new Intl.DateTimeFormat(to.language, { ...style, timeZone }).format(at)}`;
}

/** The words of a notice in its recipient’s language. */
export function textOf(notice: Notice, timeZone: string): NoticeText {
  const { language } = notice.to;
  const { subject, sentence } = WORDS[language][notice.kind];
  // A short message: the code first, so that it is read on a locked telephone.
  if (notice.kind === 'one-time-code') return { subject, body: `${notice.code ?? ''}\n${sentence}\n` };
  const lines = [
    sentence,
    until(notice, timeZone),
    notice.link === undefined ? undefined : `${LOGIN[language]}: ${notice.link}`,
    '',
    AUTOMATIC[language],
  ];
  return { subject, body: `${lines.filter((it) => it !== undefined).join('\n')}\n` };
}
