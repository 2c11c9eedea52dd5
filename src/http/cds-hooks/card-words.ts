import type { Language } from './cds-options.ts';

type Sentences = {
  readonly source: string;
  readonly signOpen: string;
  readonly signTaken: (owner: string) => string;
  readonly signDetail: (owner: string, raised: string, until: string) => string;
  readonly signCount: (count: number) => string;
  readonly nobody: string;
  readonly somebody: string;
  readonly unknownTime: string;
  readonly step: Readonly<Record<'up' | 'down', (title: string) => string>>;
  readonly proposalLate: string;
  readonly decideBy: (date: string) => string;
  readonly asked: (owner: string) => string;
  readonly withheld: string;
  readonly agreement: string;
  readonly error: (name: string, half: string) => string;
  readonly noError: (name: string) => string;
  readonly clinician: string;
  readonly approve: (title: string) => string;
  readonly approveAction: (title: string) => string;
  readonly level: (title: string, since: string) => string;
  readonly levelUndated: (title: string) => string;
  readonly amended: string;
  readonly screeningLate: (days: number) => string;
  readonly screeningNever: (days: number) => string;
  readonly screeningDetail: (name: string) => string;
  readonly ratingsLate: (count: number) => string;
  readonly rating: (name: string, rater: string, asked: string, due: string, days: number, expired: boolean) => string;
  readonly rater: Readonly<Record<'patient' | 'therapist', string>>;
  readonly alliance: string;
  readonly sees: Readonly<Record<'patient' | 'therapist', string>>;
  readonly total: (who: string, value: string, of: string, answered: string, date: string) => string;
  readonly change: (who: string, value: string, date: string) => string;
  readonly dyad: (value: string, date: string) => string;
  readonly plusMinus: (half: string) => string;
  readonly unknownError: string;
  readonly verdicts: Readonly<Record<string, string>>;
  readonly critical: (size: string) => string;
  readonly noVerdict: string;
  readonly unconfirmed: string;
  readonly open: string;
  readonly guide: string;
};

const en: Sentences = {
  source: 'Vincle: stepped psychosocial care',
  signOpen: 'An open sign of danger: nobody has taken it up yet',
  signTaken: (owner) => `An open sign of danger, taken up by ${owner}`,
  signDetail: (owner, raised, until) => `Raised ${raised}. Asked: ${owner}. To be taken up by ${until}.`,
  signCount: (count) => `${count} signs are open. Only a named clinician closes one.`,
  nobody: 'nobody',
  somebody: 'a clinician',
  unknownTime: 'at an unknown time',
  step: { up: (title) => `Step up proposed: ${title}`, down: (title) => `Step down proposed: ${title}` },
  proposalLate: 'Nobody has decided in time.',
  decideBy: (date) => `To be decided by ${date}.`,
  asked: (owner) => `Asked: ${owner}.`,
  withheld: 'It rests on ratings that are not shown to you.',
  agreement: 'The patient’s agreement is not recorded yet; it comes first.',
  error: (name, half) => `${name}: measurement error ±${half} (95 %).`,
  noError: (name) => `${name}: this centre has declared no measurement error; one value says little by itself.`,
  clinician: 'A rule proposes, a clinician decides.',
  approve: (title) => `Approve: ${title}`,
  approveAction: (title) => `Record your approval of the proposed level, ${title}`,
  level: (title, since) => `Level of care: ${title}, since ${since}`,
  levelUndated: (title) => `Level of care: ${title}`,
  amended: 'It rested on an answer that was amended since.',
  screeningLate: (days) => `The regular screening is overdue: last done ${days} days ago`,
  screeningNever: (days) => `The regular screening is overdue: never done in ${days} days`,
  screeningDetail: (name) => `${name} is asked for regularly. Without it nobody can say how the patient is.`,
  ratingsLate: (count) =>
    count === 1 ? 'One rating was not answered in time' : `${count} ratings were not answered in time`,
  rating: (name, rater, asked, due, days, expired) =>
    `${name} (${rater}): asked on ${asked}, due ${due}, overdue ${days} days${expired ? ', no longer open' : ''}`,
  rater: { patient: 'patient', therapist: 'therapist' },
  alliance: 'Therapeutic alliance: what was rated last',
  sees: { patient: 'Alliance, as the patient sees it', therapist: 'Alliance, as the therapist sees it' },
  total: (who, value, of, answered, date) => `${who}: ${value} of ${of}, ${answered} items answered, ${date}`,
  change: (who, value, date) => `${who}: changed by ${value} since the visit before, ${date}`,
  dyad: (value, date) => `The patient’s total less the therapist’s: ${value}, ${date}`,
  plusMinus: (half) => `±${half} (95 %)`,
  unknownError: 'measurement error not known at this centre',
  verdicts: {
    'reliable-increase': 'a reliable increase',
    'no-reliable-change': 'within measurement error',
    'reliable-decrease': 'a reliable decrease',
  },
  critical: (size) => `reliable beyond ${size}`,
  noVerdict: 'whether it is more than measurement error is not known',
  unconfirmed: 'The scoring key is not yet confirmed by this centre.',
  open: 'Open in Vincle',
  guide: 'How stepped care works here',
};

const es: Sentences = {
  source: 'Vincle: atención psicosocial escalonada',
  signOpen: 'Una señal de peligro abierta: nadie la ha atendido todavía',
  signTaken: (owner) => `Una señal de peligro abierta, en manos de ${owner}`,
  signDetail: (owner, raised, until) => `Detectada ${raised}. Avisado: ${owner}. Debe atenderse antes de ${until}.`,
  signCount: (count) => `Hay ${count} señales abiertas. Solo un clínico identificado puede cerrarlas.`,
  nobody: 'nadie',
  somebody: 'un clínico',
  unknownTime: 'en un momento desconocido',
  step: { up: (title) => `Se propone subir a: ${title}`, down: (title) => `Se propone bajar a: ${title}` },
  proposalLate: 'Nadie ha decidido a tiempo.',
  decideBy: (date) => `Debe decidirse antes del ${date}.`,
  asked: (owner) => `Decide: ${owner}.`,
  withheld: 'Se basa en valoraciones que no se le muestran.',
  agreement: 'Aún no consta el acuerdo del paciente, que va primero.',
  error: (name, half) => `${name}: error de medida ±${half} (95 %).`,
  noError: (name) => `${name}: este centro no ha declarado error de medida; un valor aislado dice poco.`,
  clinician: 'Una regla propone, un clínico decide.',
  approve: (title) => `Aprobar: ${title}`,
  approveAction: (title) => `Registrar su aprobación del nivel propuesto, ${title}`,
  level: (title, since) => `Nivel de atención: ${title}, desde el ${since}`,
  levelUndated: (title) => `Nivel de atención: ${title}`,
  amended: 'Se basaba en una respuesta que se corrigió después.',
  screeningLate: (days) => `El cribado periódico está atrasado: el último fue hace ${days} días`,
  screeningNever: (days) => `El cribado periódico está atrasado: ninguno en ${days} días`,
  screeningDetail: (name) => `${name} se pide con regularidad. Sin él nadie puede decir cómo está el paciente.`,
  ratingsLate: (count) =>
    count === 1 ? 'Una valoración no se respondió a tiempo' : `${count} valoraciones no se respondieron a tiempo`,
  rating: (name, rater, asked, due, days, expired) =>
    `${name} (${rater}): pedida el ${asked}, hasta el ${due}, ${days} días de retraso${expired ? ', ya cerrada' : ''}`,
  rater: { patient: 'paciente', therapist: 'terapeuta' },
  alliance: 'Alianza terapéutica: lo último valorado',
  sees: { patient: 'Alianza, según el paciente', therapist: 'Alianza, según el terapeuta' },
  total: (who, value, of, answered, date) => `${who}: ${value} de ${of}, ${answered} ítems respondidos, ${date}`,
  change: (who, value, date) => `${who}: ha cambiado ${value} desde la visita anterior, ${date}`,
  dyad: (value, date) => `Total del paciente menos el del terapeuta: ${value}, ${date}`,
  plusMinus: (half) => `±${half} (95 %)`,
  unknownError: 'error de medida desconocido en este centro',
  verdicts: {
    'reliable-increase': 'aumento fiable',
    'no-reliable-change': 'dentro del error de medida',
    'reliable-decrease': 'descenso fiable',
  },
  critical: (size) => `fiable a partir de ${size}`,
  noVerdict: 'no se sabe si supera el error de medida',
  unconfirmed: 'La clave de corrección aún no está confirmada por este centro.',
  open: 'Abrir en Vincle',
  guide: 'Cómo funciona aquí la atención escalonada',
};

const ca: Sentences = {
  source: 'Vincle: atenció psicosocial esglaonada',
  signOpen: 'Un senyal de perill obert: ningú no l’ha atès encara',
  signTaken: (owner) => `Un senyal de perill obert, en mans de ${owner}`,
  signDetail: (owner, raised, until) => `Detectat ${raised}. Avisat: ${owner}. S’ha d’atendre abans de ${until}.`,
  signCount: (count) => `Hi ha ${count} senyals oberts. Només un clínic identificat els pot tancar.`,
  nobody: 'ningú',
  somebody: 'un clínic',
  unknownTime: 'en un moment desconegut',
  step: { up: (title) => `Es proposa pujar a: ${title}`, down: (title) => `Es proposa baixar a: ${title}` },
  proposalLate: 'Ningú no ha decidit a temps.',
  decideBy: (date) => `S’ha de decidir abans del ${date}.`,
  asked: (owner) => `Decideix: ${owner}.`,
  withheld: 'Es basa en valoracions que no se us mostren.',
  agreement: 'Encara no consta l’acord del pacient, que va primer.',
  error: (name, half) => `${name}: error de mesura ±${half} (95 %).`,
  noError: (name) => `${name}: aquest centre no ha declarat error de mesura; un valor aïllat diu poc.`,
  clinician: 'Una regla proposa, un clínic decideix.',
  approve: (title) => `Aprova: ${title}`,
  approveAction: (title) => `Registra la vostra aprovació del nivell proposat, ${title}`,
  level: (title, since) => `Nivell d’atenció: ${title}, des del ${since}`,
  levelUndated: (title) => `Nivell d’atenció: ${title}`,
  amended: 'Es basava en una resposta que es va corregir després.',
  screeningLate: (days) => `El cribratge periòdic està endarrerit: l’últim és de fa ${days} dies`,
  screeningNever: (days) => `El cribratge periòdic està endarrerit: cap en ${days} dies`,
  screeningDetail: (name) => `${name} es demana regularment. Sense ell ningú no pot dir com està el pacient.`,
  ratingsLate: (count) =>
    count === 1 ? 'Una valoració no es va respondre a temps' : `${count} valoracions no es van respondre a temps`,
  rating: (name, rater, asked, due, days, expired) =>
    `${name} (${rater}): demanada el ${asked}, fins al ${due}, ${days} dies de retard${expired ? ', ja tancada' : ''}`,
  rater: { patient: 'pacient', therapist: 'terapeuta' },
  alliance: 'Aliança terapèutica: l’últim que s’ha valorat',
  sees: { patient: 'Aliança, segons el pacient', therapist: 'Aliança, segons el terapeuta' },
  total: (who, value, of, answered, date) => `${who}: ${value} de ${of}, ${answered} ítems respostos, ${date}`,
  change: (who, value, date) => `${who}: ha canviat ${value} des de la visita anterior, ${date}`,
  dyad: (value, date) => `Total del pacient menys el del terapeuta: ${value}, ${date}`,
  plusMinus: (half) => `±${half} (95 %)`,
  unknownError: 'error de mesura desconegut en aquest centre',
  verdicts: {
    'reliable-increase': 'augment fiable',
    'no-reliable-change': 'dins de l’error de mesura',
    'reliable-decrease': 'descens fiable',
  },
  critical: (size) => `fiable a partir de ${size}`,
  noVerdict: 'no se sap si supera l’error de mesura',
  unconfirmed: 'La clau de correcció encara no està confirmada per aquest centre.',
  open: 'Obre a Vincle',
  guide: 'Com funciona aquí l’atenció esglaonada',
};

/** What cards say, in the languages of the programme. */
export const CARD_WORDS: Readonly<Record<Language, Sentences>> = { en, es, ca };

const isLanguage = (it: string | undefined): it is Language => it === 'en' || it === 'es' || it === 'ca';

/** The best of the languages that a request asks for (RFC 9110, Accept-Language), else the site’s. */
export function languageOf(acceptLanguage: string | undefined, otherwise: Language): Language {
  const asked = (acceptLanguage ?? '').split(',').flatMap((it) => {
    const [tag, ...parameters] = it.trim().split(';');
    const language = tag?.toLowerCase().split('-')[0];
    const quality = Number(
      parameters
        .find((one) => one.trim().startsWith('q='))
        ?.trim()
        .slice(2) ?? 1,
    );
    return isLanguage(language) && quality > 0 ? [{ language, quality }] : [];
  });
  return asked.sort((a, b) => b.quality - a.quality)[0]?.language ?? otherwise;
}
