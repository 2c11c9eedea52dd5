import type { Language } from '../../format/format.ts';

/** Words around the questions; the questions themselves are worded by the form. `{…}` are filled in. */
export interface RenderWords {
  readonly yes: string;
  readonly no: string;
  readonly notAnswered: string;
  readonly clear: string;
  readonly vasUnset: string;
  readonly vasHow: string;
  readonly vasSet: string;
  /** `{value}` of `{low}` to `{high}`: for who cannot see where the mark stands. */
  readonly vasPosition: string;
  readonly between: string;
  readonly atLeast: string;
  readonly atMost: string;
  readonly notANumber: string;
  readonly notWhole: string;
  readonly outOfRange: string;
  readonly tooLong: string;
  readonly notADate: string;
  readonly another: string;
  readonly remove: string;
  readonly several: string;
  readonly otherAnswer: string;
  readonly otherText: string;
  readonly onlyHere: string;
  /** The form was asked for in `{asked}` and stands in `{shown}`. */
  readonly fallback: string;
  readonly question: string;
  readonly choose: string;
}

export const RENDER_WORDS: Readonly<Record<Language, RenderWords>> = {
  en: {
    yes: 'Yes',
    no: 'No',
    notAnswered: 'Not answered',
    clear: 'Clear this answer',
    vasUnset: 'No mark yet.',
    vasHow: 'Touch the line where your answer is, or use the arrow keys.',
    vasSet: 'Your mark is on the line. You can move it.',
    vasPosition: '{value}, on a line from {low} to {high}',
    between: 'From {low} to {high}',
    atLeast: 'From {low}',
    atMost: 'Up to {high}',
    notANumber: 'That is not a number. Nothing was saved for this question.',
    notWhole: 'A whole number, please. Nothing was saved for this question.',
    outOfRange: 'That is outside the range. Nothing was saved for this question.',
    tooLong: 'At most {count} characters.',
    notADate: 'That date is not complete. Nothing was saved for this question.',
    another: 'Add another answer',
    remove: 'Remove answer {number}',
    several: 'You can choose more than one.',
    otherAnswer: 'Another answer',
    otherText: 'Your own words',
    onlyHere: 'Part {number}',
    fallback: 'This form is not at hand in {asked}. It is shown in {shown}.',
    question: 'Question {number}',
    choose: 'Choose',
  },
  es: {
    yes: 'Sí',
    no: 'No',
    notAnswered: 'Sin responder',
    clear: 'Borrar esta respuesta',
    vasUnset: 'Aún no hay marca.',
    vasHow: 'Toque la línea donde esté su respuesta, o use las flechas del teclado.',
    vasSet: 'Su marca está en la línea. Puede moverla.',
    vasPosition: '{value}, en una línea de {low} a {high}',
    between: 'De {low} a {high}',
    atLeast: 'Desde {low}',
    atMost: 'Hasta {high}',
    notANumber: 'Eso no es un número. No se ha guardado nada en esta pregunta.',
    notWhole: 'Un número entero, por favor. No se ha guardado nada en esta pregunta.',
    outOfRange: 'Está fuera de los límites. No se ha guardado nada en esta pregunta.',
    tooLong: 'Como máximo {count} caracteres.',
    notADate: 'La fecha no está completa. No se ha guardado nada en esta pregunta.',
    another: 'Añadir otra respuesta',
    remove: 'Quitar la respuesta {number}',
    several: 'Puede elegir más de una.',
    otherAnswer: 'Otra respuesta',
    otherText: 'Con sus palabras',
    onlyHere: 'Parte {number}',
    fallback: 'Este cuestionario no está disponible en {asked}. Se muestra en {shown}.',
    question: 'Pregunta {number}',
    choose: 'Elija',
  },
  ca: {
    yes: 'Sí',
    no: 'No',
    notAnswered: 'Sense resposta',
    clear: 'Esborra aquesta resposta',
    vasUnset: 'Encara no hi ha cap marca.',
    vasHow: 'Toqui la línia on hi hagi la seva resposta, o faci servir les fletxes del teclat.',
    vasSet: 'La seva marca és a la línia. La pot moure.',
    vasPosition: '{value}, en una línia de {low} a {high}',
    between: 'De {low} a {high}',
    atLeast: 'Des de {low}',
    atMost: 'Fins a {high}',
    notANumber: 'Això no és un nombre. No s’ha desat res en aquesta pregunta.',
    notWhole: 'Un nombre enter, si us plau. No s’ha desat res en aquesta pregunta.',
    outOfRange: 'És fora dels límits. No s’ha desat res en aquesta pregunta.',
    tooLong: 'Com a màxim {count} caràcters.',
    notADate: 'La data no és completa. No s’ha desat res en aquesta pregunta.',
    another: 'Afegeix una altra resposta',
    remove: 'Treu la resposta {number}',
    several: 'En pot triar més d’una.',
    otherAnswer: 'Una altra resposta',
    otherText: 'Amb les seves paraules',
    onlyHere: 'Part {number}',
    fallback: 'Aquest qüestionari no està disponible en {asked}. Es mostra en {shown}.',
    question: 'Pregunta {number}',
    choose: 'Triï',
  },
};

/** A sentence with its places filled in: `fill('{a} of {b}', { a: 1, b: 2 })`. */
export const fill = (sentence: string, parts: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (name in parts ? String(parts[name]) : whole));
