import type { Words } from '../../domain/protocol.ts';

/** Why something waits in the review queue, in words of the programme’s languages, by the stable word of its issue. */
const SAID: Readonly<Record<string, Words>> = {
  'wrong-rater': {
    en: 'Somebody else answered than this form asks',
    es: 'Respondió otra persona que la que pide este formulario',
    ca: 'Va respondre una altra persona que la que demana aquest formulari',
  },
  'unknown-patient': {
    en: 'The patient is not known here',
    es: 'El paciente no se conoce aquí',
    ca: 'El pacient no es coneix aquí',
  },
  'authored-missing': {
    en: 'It does not say when it was answered',
    es: 'No dice cuándo se respondió',
    ca: 'No diu quan es va respondre',
  },
  'identifier-of-two-patients': {
    en: 'Responses of two patients carry one identifier',
    es: 'Respuestas de dos pacientes llevan un mismo identificador',
    ca: 'Respostes de dues pacients porten un mateix identificador',
  },
  'out-of-range': {
    en: 'An answer is outside its range',
    es: 'Una respuesta está fuera de rango',
    ca: 'Una resposta és fora de rang',
  },
  'wrong-type': {
    en: 'An answer is not of the kind that the question asks for',
    es: 'Una respuesta no es del tipo que pide la pregunta',
    ca: 'Una resposta no és del tipus que demana la pregunta',
  },
  'repeated-item': {
    en: 'A question stands more than once',
    es: 'Una pregunta aparece más de una vez',
    ca: 'Una pregunta apareix més d’una vegada',
  },
  'item-without-linkid': {
    en: 'An answer does not say which question it belongs to',
    es: 'Una respuesta no dice a qué pregunta corresponde',
    ca: 'Una resposta no diu a quina pregunta correspon',
  },
  'repeated-answer': {
    en: 'A question has more answers than it takes',
    es: 'Una pregunta tiene más respuestas de las que admite',
    ca: 'Una pregunta té més respostes de les que admet',
  },
  'wrong-length': {
    en: 'An answer is longer or shorter than the question allows',
    es: 'Una respuesta es más larga o más corta de lo que permite la pregunta',
    ca: 'Una resposta és més llarga o més curta del que permet la pregunta',
  },
  'too-many-decimals': {
    en: 'An answer has more decimals than the question allows',
    es: 'Una respuesta tiene más decimales de los que permite la pregunta',
    ca: 'Una resposta té més decimals dels que permet la pregunta',
  },
  'not-an-option': {
    en: 'An answer is none of those that the question offers',
    es: 'Una respuesta no está entre las que ofrece la pregunta',
    ca: 'Una resposta no és cap de les que ofereix la pregunta',
  },
  'unknown-item': {
    en: 'The form has no such question',
    es: 'El formulario no tiene esa pregunta',
    ca: 'El formulari no té aquesta pregunta',
  },
  'unknown-version': {
    en: 'This version of the form is not known',
    es: 'No se conoce esta versión del formulario',
    ca: 'No es coneix aquesta versió del formulari',
  },
  'unknown-therapist': {
    en: 'The rated therapist is not known here',
    es: 'La terapeuta valorada no se conoce aquí',
    ca: 'La terapeuta valorada no es coneix aquí',
  },
  'therapist-unclear': {
    en: 'It does not say whose work it rates',
    es: 'No dice de quién es el trabajo que valora',
    ca: 'No diu de qui és la feina que valora',
  },
  'no-inclusion': {
    en: 'The record has no date of inclusion',
    es: 'La historia no tiene fecha de inclusión',
    ca: 'La història no té data d’inclusió',
  },
  'several-inclusions': {
    en: 'The record has several inclusions that disagree',
    es: 'La historia tiene varias inclusiones que no concuerdan',
    ca: 'La història té diverses inclusions que no concorden',
  },
  'several-arms': {
    en: 'The record has several arms of the study',
    es: 'La historia tiene varios brazos del estudio',
    ca: 'La història té diversos braços de l’estudi',
  },
  'inclusion-changed': {
    en: 'The inclusion was corrected after ratings had been placed by it',
    es: 'La inclusión se corrigió después de situar valoraciones',
    ca: 'La inclusió es va corregir després de situar valoracions',
  },
  'paper-differs': {
    en: 'The two entries of a paper form differ',
    es: 'Las dos transcripciones de un formulario en papel difieren',
    ca: 'Les dues transcripcions d’un formulari en paper difereixen',
  },
  'not-counted': {
    en: 'A later rating of the same visit, which does not count unless it is accepted',
    es: 'Una valoración posterior de la misma visita, que no cuenta si no se acepta',
    ca: 'Una valoració posterior de la mateixa visita, que no compta si no s’accepta',
  },
};

/** The words of a reason; what Vincle says in English where there are none. */
export const reviewWords = (reason: string, diagnostics: string): Words =>
  SAID[reason] ?? { en: diagnostics, es: diagnostics, ca: diagnostics };
