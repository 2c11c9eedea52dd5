import type { ReportWords } from '../en.ts';

export const answer: ReportWords['answer'] = {
  heads: {
    level: '¿Es distinta la alianza en los dos brazos?',
    development: '¿Se desarrolla de modo distinto?',
    one: '¿Cómo se desarrolla?',
    agreement: '¿Coinciden paciente y terapeuta?',
    associations: '¿Qué la acompaña?',
    doubt: 'De qué dudar',
    reach: 'Qué puede decir esto',
  },
  interval: (level, low, high) => `intervalo del ${level} de ${low} a ${high}`,
  lower: (seen, at, of, against, points, interval) =>
    `${seen}, en esta cohorte la alianza ${at} fue ${points} puntos menor en ${of} que en ${against} (${interval}).`,
  higher: (seen, at, of, against, points, interval) =>
    `${seen}, en esta cohorte la alianza ${at} fue ${points} puntos mayor en ${of} que en ${against} (${interval}).`,
  open: (seen, at, of, against, points, interval) =>
    `${seen}, en esta cohorte ${of} y ${against} difirieron en ${points} puntos ${at} (${interval}): el intervalo contiene el cero, así que queda abierto cuál es mayor y no se descarta ninguna diferencia dentro de él.`,
  noDifference: (seen, reason) => `${seen}, los brazos no se pueden comparar: ${reason}.`,
  differs: (seen, over, test) =>
    `${seen}, en esta cohorte se desarrolló de modo distinto en los dos brazos ${over} (${test}).`,
  notShown: (seen, over, test) =>
    `${seen}, no se mostró un desarrollo distinto ${over} (${test}). Eso no dice que fuera el mismo.`,
  noTest: (seen, reason) => `${seen}, no se puede saber si se desarrolla de modo distinto: ${reason}.`,
  over: (visits, n) => (n === 1 ? `a los ${visits}` : `en promedio sobre ${visits}`),
  between: (visits) => `a lo largo de ${visits}`,
  primaryInPart: (planned, held) =>
    `El plan lo nombró como principal, sobre ${planned}. Solo se pudo obtener para ${held}: no es lo que se planeó.`,
  primaryOtherwise:
    'El plan lo nombró como principal, con una covarianza no estructurada. No se pudo obtener y la sustituye un intercepto aleatorio de la paciente: no es lo que se planeó.',
  otherArms: (of, against, found) =>
    `El plan compara ${of} con ${against}; esta cohorte tiene ${found}. No se comparó nada. Nombre sus brazos en el plan de análisis (profiles/programme/analysis-plan.json en CONTENT_DIR), o indíquelos con --arms.`,
  primary: 'Es lo que el plan nombró como principal.',
  changes: (seen, test) => `${seen}, en esta cohorte cambió a lo largo de las visitas (${test}).`,
  changeNotShown: (seen, test) => `${seen}, no se mostró un cambio a lo largo de las visitas (${test}).`,
  ratersDiffer: (test) => `El desarrollo según unas y según otros difirió entre brazos (ambos en un modelo: ${test}).`,
  ratersNotShown: (test) =>
    `No se mostró que el desarrollo según unas y según otros difiera entre brazos (ambos en un modelo: ${test}); tampoco lo mostrarían dos contrastes por separado, uno significativo y otro no.`,
  oneArm: 'Esta cohorte no tiene dos brazos que comparar.',
  agreementAt: (visit, icc, order, difference, lack) =>
    `A los ${visit}: acuerdo absoluto ICC(A,1) ${icc}, orden común ICC(C,1) ${order}; pacientes menos terapeutas ${difference}. ${lack}`,
  agreementNone: (visit, reason) => `A los ${visit}: el acuerdo no se puede calcular: ${reason}.`,
  points: (value, interval) => `${value} puntos (${interval})`,
  lackShort: {
    bias: 'el mismo nivel',
    ordering: 'un orden común',
    both: 'orden y nivel',
    weak: 'orden débil',
    'weak-and-bias': 'orden débil, y nivel',
    none: 'nada demostrado',
    undecided: 'sin decidir',
  },
  lack: {
    bias: 'Lo que falta es el mismo nivel: una parte valora más alto. No se muestra que falte también un orden común.',
    ordering: 'Lo que falta es un orden común: quien está alto para una parte no lo está con seguridad para la otra.',
    both: 'Faltan tanto un orden común como el mismo nivel.',
    weak: 'El orden común es débil: quien está alto para una parte solo lo está algo más a menudo para la otra.',
    'weak-and-bias': 'El orden común es débil y falta el mismo nivel: una parte valora más alto.',
    none: 'No se muestra que falten ni el orden ni el nivel.',
    undecided: 'Los intervalos no dicen qué parte falta, si falta alguna.',
  },
  related: (outcome, variable, coefficient, interval, p) =>
    `${variable}: acompañó a la alianza según ${outcome} (${coefficient}, ${interval}; p tras Holm ${p}).`,
  noneRelated: (n) =>
    `De ${n} relaciones previstas, ninguna se distinguió de cero tras la corrección de Holm. Los intervalos dicen cuán fuerte podría ser aún cada una.`,
  othersRelated: (n) =>
    n === 1
      ? 'La otra relación prevista no se distinguió de cero; su intervalo dice cuán fuerte podría ser aún.'
      : `Las otras ${n} relaciones previstas no se distinguieron de cero; sus intervalos dicen cuán fuerte podría ser aún cada una.`,
  notMeasured: (variables) => `No medido, o demasiado poco: ${variables}.`,
  noCause:
    'Acompañar no es causar. Donde las pacientes valoran tanto la app como la alianza, un mismo ánimo tiñe ambas.',
  ceiling: (share, raters, visit, max) =>
    `En el tope: el ${share} de las valoraciones de ${raters} a los ${visit} está en ${max}, el máximo de la escala. Por encima no se ven diferencias, y toda media, diferencia y acuerdo queda comprimido por ello.`,
  noCeiling: (max) => `En el tope: ninguna valoración está en ${max}, el máximo de la escala.`,
  nearCeiling: (share, max) =>
    `En el tope: en ninguna visita, ni de unas ni de otros, está en ${max}, el máximo de la escala, más del ${share} de las valoraciones.`,
  response: (share, raters, visit) =>
    `Lo menos respondido: el ${share} de las valoraciones debidas de ${raters} a los ${visit}. Quien no responde puede valorar de otro modo que quien responde.`,
  tips: (raters, delta, where) =>
    `Si las valoraciones de ${raters} que no se dieron fueran ${delta} puntos más bajas (${where}), la diferencia promediada ya no se juzgaría como ahora.`,
  neverTips: (raters, delta) =>
    `Las valoraciones de ${raters} que no se dieron podrían ser hasta ${delta} puntos más bajas, en cualquiera de los brazos o en ambos, y la diferencia promediada se juzgaría igual.`,
  unconfirmed: (instruments) =>
    `Ninguna persona con nombre de este centro ha confirmado la clave de corrección de ${instruments}.`,
  deviated: (n) => `El análisis se apartó de su plan en ${n} ${n === 1 ? 'punto' : 'puntos'}: véase más abajo.`,
  changed: 'La cohorte cambió mientras se leía.',
  reach:
    'Todo se dice aquí de esta cohorte y de nadie más. Las pacientes se comparan en el brazo que se les asignó. No se ordena a ningún terapeuta, y ningún número juzga a una persona.',
  blind: {
    'study-not-finished':
      'El estudio sigue en marcha. No se distinguen los brazos ni se muestra ninguna valoración: solo cuántas se incluyeron, se pidieron y se respondieron.',
    'study-unreadable':
      'No se pudo leer si el estudio ha terminado. No se distinguen los brazos ni se muestra ninguna valoración.',
    'no-study':
      'No hay ningún estudio configurado: nadie ha dicho si en esta cohorte alguien está cegado. No se distinguen los brazos ni se muestra ninguna valoración mientras no se declare que no es un ensayo.',
    'unlock-incomplete':
      'Abrir los brazos requiere un nombre y un motivo. No se distinguen ni se muestra ninguna valoración.',
  },
  blindCounts: (patients, participants) =>
    `${patients} de ${participants} participantes halladas están en el análisis.`,
  nobody: (reasons) => `No hay nadie en el análisis. Excluidas, y por qué: ${reasons}.`,
  nobodyFound: 'No se halló a nadie que participe.',
  ownConsent:
    'Sin un estudio en el que participar, la investigación necesita un consentimiento explícito de cada paciente.',
  blindVisit: (visit, said) => `A los ${visit}: ${said}.`,
  blindShare: {
    patient: (share) => `las pacientes dieron el ${share} de las valoraciones que tocaban`,
    therapist: (share) => `los terapeutas, el ${share} de las suyas`,
    both: (share) => `ambos valoraron en el ${share} de las visitas en que a ambos les tocaba`,
  },
  nothingDue: (visit) => `A los ${visit} aún no ha tocado ninguna valoración.`,
  unlocked: (person, reason) =>
    `Los abrió ${person}. Motivo: ${reason}. Lo que se lee antes del final no es el resultado del estudio.`,
};
