import type { ReportWords } from '../en.ts';

export const answer: ReportWords['answer'] = {
  heads: {
    level: 'És diferent l’aliança en els dos braços?',
    development: 'Es desenvolupa de manera diferent?',
    one: 'Com es desenvolupa?',
    agreement: 'Coincideixen pacient i terapeuta?',
    associations: 'Què l’acompanya?',
    doubt: 'De què dubtar',
    reach: 'Què pot dir això',
  },
  interval: (level, low, high) => `interval del ${level} de ${low} a ${high}`,
  lower: (seen, at, of, against, points, interval) =>
    `${seen}, en aquesta cohort l’aliança ${at} va ser ${points} punts més baixa en ${of} que en ${against} (${interval}).`,
  higher: (seen, at, of, against, points, interval) =>
    `${seen}, en aquesta cohort l’aliança ${at} va ser ${points} punts més alta en ${of} que en ${against} (${interval}).`,
  open: (seen, at, of, against, points, interval) =>
    `${seen}, en aquesta cohort ${of} i ${against} van diferir en ${points} punts ${at} (${interval}): l’interval conté el zero, així que queda obert quina és més alta i no es descarta cap diferència que hi càpiga.`,
  noDifference: (seen, reason) => `${seen}, els braços no es poden comparar: ${reason}.`,
  differs: (seen, over, test) =>
    `${seen}, en aquesta cohort es va desenvolupar de manera diferent en els dos braços ${over} (${test}).`,
  notShown: (seen, over, test) =>
    `${seen}, no es va mostrar un desenvolupament diferent ${over} (${test}). Això no diu que fos el mateix.`,
  noTest: (seen, reason) => `${seen}, no es pot saber si es desenvolupa de manera diferent: ${reason}.`,
  over: (visits, n) => (n === 1 ? `als ${visits}` : `de mitjana sobre ${visits}`),
  between: (visits) => `al llarg de ${visits}`,
  primaryInPart: (planned, held) =>
    `El pla ho va anomenar principal, sobre ${planned}. Només es va poder obtenir per a ${held}: no és el que es va planejar.`,
  primaryOtherwise:
    'El pla ho va anomenar principal, amb una covariància no estructurada. No es va poder obtenir i la substitueix un intercepte aleatori de la pacient: no és el que es va planejar.',
  otherArms: (of, against, found) =>
    `El pla compara ${of} amb ${against}; aquesta cohort té ${found}. No es va comparar res. Anomeneu els seus braços al pla d’anàlisi (profiles/programme/analysis-plan.json a CONTENT_DIR), o indiqueu-los amb --arms.`,
  primary: 'És el que el pla va anomenar principal.',
  changes: (seen, test) => `${seen}, en aquesta cohort va canviar al llarg de les visites (${test}).`,
  changeNotShown: (seen, test) => `${seen}, no es va mostrar un canvi al llarg de les visites (${test}).`,
  ratersDiffer: (test) =>
    `El desenvolupament segons les unes i els altres va diferir entre braços (tots dos en un model: ${test}).`,
  ratersNotShown: (test) =>
    `No es va mostrar que el desenvolupament segons les unes i els altres difereixi entre braços (tots dos en un model: ${test}); tampoc no ho mostrarien dos contrastos per separat, un de significatiu i l’altre no.`,
  oneArm: 'Aquesta cohort no té dos braços per comparar.',
  agreementAt: (visit, icc, order, difference, lack) =>
    `Als ${visit}: acord absolut ICC(A,1) ${icc}, ordre comú ICC(C,1) ${order}; pacients menys terapeutes ${difference}. ${lack}`,
  agreementNone: (visit, reason) => `Als ${visit}: l’acord no es pot calcular: ${reason}.`,
  points: (value, interval) => `${value} punts (${interval})`,
  lackShort: {
    bias: 'el mateix nivell',
    ordering: 'un ordre comú',
    both: 'ordre i nivell',
    weak: 'ordre feble',
    'weak-and-bias': 'ordre feble, i nivell',
    none: 'res demostrat',
    undecided: 'sense decidir',
  },
  lack: {
    bias: 'El que falta és el mateix nivell: una part valora més alt. No es mostra que falti també un ordre comú.',
    ordering: 'El que falta és un ordre comú: qui és alt per a una part no ho és amb seguretat per a l’altra.',
    both: 'Falten tant un ordre comú com el mateix nivell.',
    weak: 'L’ordre comú és feble: qui és alt per a una part només ho és una mica més sovint per a l’altra.',
    'weak-and-bias': 'L’ordre comú és feble i falta el mateix nivell: una part valora més alt.',
    none: 'No es mostra que faltin ni l’ordre ni el nivell.',
    undecided: 'Els intervals no diuen quina part falta, si és que en falta cap.',
  },
  related: (outcome, variable, coefficient, interval, p) =>
    `${variable}: va acompanyar l’aliança segons ${outcome} (${coefficient}, ${interval}; p després de Holm ${p}).`,
  noneRelated: (n) =>
    `De ${n} relacions previstes, cap no es va distingir de zero després de la correcció de Holm. Els intervals diuen com de forta podria ser encara cadascuna.`,
  othersRelated: (n) =>
    n === 1
      ? 'L’altra relació prevista no es va distingir de zero; l’interval diu com de forta podria ser encara.'
      : `Les altres ${n} relacions previstes no es van distingir de zero; els intervals diuen com de forta podria ser encara cadascuna.`,
  notMeasured: (variables) => `No mesurat, o massa poc: ${variables}.`,
  noCause:
    'Acompanyar no és causar. On les pacients valoren tant l’app com l’aliança, un mateix estat d’ànim tenyeix totes dues.',
  ceiling: (share, raters, visit, max) =>
    `Al sostre: el ${share} de les valoracions de ${raters} als ${visit} és a ${max}, el màxim de l’escala. Per sobre no es veuen diferències, i tota mitjana, diferència i acord en queda comprimit.`,
  noCeiling: (max) => `Al sostre: cap valoració no és a ${max}, el màxim de l’escala.`,
  nearCeiling: (share, max) =>
    `Al sostre: en cap visita, ni de les unes ni dels altres, és a ${max}, el màxim de l’escala, més del ${share} de les valoracions.`,
  response: (share, raters, visit) =>
    `El menys respost: el ${share} de les valoracions degudes de ${raters} als ${visit}. Qui no respon pot valorar d’una altra manera que qui respon.`,
  tips: (raters, delta, where) =>
    `Si les valoracions de ${raters} que no es van donar fossin ${delta} punts més baixes (${where}), la diferència mitjana ja no es jutjaria com ara.`,
  neverTips: (raters, delta) =>
    `Les valoracions de ${raters} que no es van donar podrien ser fins a ${delta} punts més baixes, en qualsevol dels braços o en tots dos, i la diferència mitjana es jutjaria igual.`,
  unconfirmed: (instruments) =>
    `Cap persona amb nom d’aquest centre no ha confirmat la clau de correcció de ${instruments}.`,
  deviated: (n) => `L’anàlisi es va apartar del seu pla en ${n} ${n === 1 ? 'punt' : 'punts'}: vegeu més avall.`,
  changed: 'La cohort va canviar mentre es llegia.',
  reach:
    'Tot es diu aquí d’aquesta cohort i de ningú més. Les pacients es comparen en el braç que se’ls va assignar. No s’ordena cap terapeuta, i cap número no jutja una persona.',
  blind: {
    'study-not-finished':
      'L’estudi encara està en marxa. No es distingeixen els braços ni es mostra cap valoració: només quantes es van incloure, demanar i respondre.',
    'study-unreadable':
      'No s’ha pogut llegir si l’estudi ha acabat. No es distingeixen els braços ni es mostra cap valoració.',
    'no-study':
      'No hi ha cap estudi configurat: ningú ha dit si en aquesta cohort algú és cegat. No es distingeixen els braços ni es mostra cap valoració mentre no es declari que no és un assaig.',
    'unlock-incomplete': 'Obrir els braços demana un nom i un motiu. No es distingeixen ni es mostra cap valoració.',
  },
  blindCounts: (patients, participants) => `${patients} de ${participants} participants trobades són a l’anàlisi.`,
  nobody: (reasons) => `No hi ha ningú a l’anàlisi. Excloses, i per què: ${reasons}.`,
  nobodyFound: 'No s’ha trobat ningú que hi participi.',
  ownConsent: 'Sense un estudi en què participar, la recerca demana un consentiment explícit de cada pacient.',
  blindVisit: (visit, said) => `Als ${visit}: ${said}.`,
  blindShare: {
    patient: (share) => `les pacients van donar el ${share} de les valoracions que tocaven`,
    therapist: (share) => `els terapeutes, el ${share} de les seves`,
    both: (share) => `tots dos van valorar en el ${share} de les visites en què a tots dos els tocava`,
  },
  nothingDue: (visit) => `Als ${visit} encara no ha tocat cap valoració.`,
  unlocked: (person, reason) =>
    `Els va obrir ${person}. Motiu: ${reason}. El que es llegeix abans del final no és el resultat de l’estudi.`,
};
