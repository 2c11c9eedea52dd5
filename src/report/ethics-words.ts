import type { ReportLanguage } from './cohort-report.ts';

/** What the annex for an ethics committee says in one language, apart from what content says. */
export interface EthicsWords {
  readonly title: string;
  readonly made: string;
  readonly demonstration: string;
  readonly instruments: readonly [
    title: string,
    instrument: string,
    rater: string,
    items: string,
    range: string,
    counts: string,
  ];
  readonly rater: Readonly<Record<'patient' | 'therapist', string>>;
  readonly use: Readonly<Record<'study' | 'series', string>>;
  readonly unconfirmed: string;
  readonly windows: readonly [
    title: string,
    visit: string,
    months: string,
    early: string,
    late: string,
    except: string,
  ];
  readonly rules: readonly [title: string, rule: string, from: string, to: string, when: string, decides: string];
  readonly rulesNote: string;
  readonly analysis: readonly [
    title: string,
    primary: string,
    comparison: string,
    associations: string,
    missing: string,
  ];
  readonly consent: readonly [title: string, required: string, none: string, text: string];
  readonly data: readonly [title: string, column: string, unit: string, meaning: string, note: string];
  readonly retention: readonly [title: string, ...paragraphs: string[]];
}

const en: EthicsWords = {
  title: 'Annex for the ethics committee',
  made: 'Made from the content that is in force here, by',
  demonstration: 'Cut-offs and levels that nobody at the site has confirmed are those of a demonstration protocol.',
  instruments: ['Instruments', 'instrument', 'answered by', 'items', 'total', 'which answers count'],
  rater: { patient: 'patient', therapist: 'therapist' },
  use: { study: 'the first of each visit', series: 'every one' },
  unconfirmed: 'scoring key not confirmed by a named person at the site',
  windows: ['Visits and their windows', 'visit', 'months after inclusion', 'days early', 'days late', 'not asked then'],
  rules: ['Rules that propose another level of care', 'rule', 'from', 'to', 'when all hold', 'who decides'],
  rulesNote: 'A rule only proposes. A named clinician decides, and every decision is recorded with what it rests on.',
  analysis: [
    'Analysis, fixed beforehand',
    'primary outcome',
    'comparison',
    'associations (* in the family adjusted by Holm)',
    'missing data',
  ],
  consent: [
    'Consent',
    'required at this site, each on its own',
    'none beyond taking part',
    'A Consent that denies always wins. Withdrawing from research ends study questionnaires and leaves the person out of every later analysis and export, unless a Consent lets research go on with what there is; care and its record stay. Ending treatment alone is no withdrawal: who ends it stays in the analysis, in the arm that was assigned.',
  ],
  data: [
    'Data items of the research data set',
    'column',
    'unit',
    'meaning',
    'One line a patient, visit and rater. Patients, therapists and sites are codes under a key that the researcher never holds. No name, date, free text or identifier of the record; cells of fewer than five patients are emptied unless that was approved.',
  ],
  retention: [
    'Where data are and how long',
    'Answers, scores, decisions and the record of accesses stand in the hospital’s own FHIR server and are kept as the hospital keeps its record. Vincle holds no second copy: an answer that the server could not take waits, sealed, until it is delivered or a person drops it; sessions end by themselves.',
    'A data set that was exported is a file of whoever exported it; who, for what and under which approval is recorded in the hospital’s server. To be completed by the site: kept until ________, by ________, then destroyed.',
  ],
};

const es: EthicsWords = {
  title: 'Anexo para el comité de ética',
  made: 'Generado a partir del contenido vigente en este centro, por',
  demonstration:
    'Los puntos de corte y niveles que nadie del centro ha confirmado son los de un protocolo de demostración.',
  instruments: ['Instrumentos', 'instrumento', 'responde', 'ítems', 'total', 'qué respuestas cuentan'],
  rater: { patient: 'paciente', therapist: 'terapeuta' },
  use: { study: 'la primera de cada visita', series: 'todas' },
  unconfirmed: 'clave de puntuación no confirmada por una persona identificada del centro',
  windows: [
    'Visitas y sus ventanas',
    'visita',
    'meses desde la inclusión',
    'días antes',
    'días después',
    'no se pregunta entonces',
  ],
  rules: [
    'Reglas que proponen otro nivel de atención',
    'regla',
    'desde',
    'hasta',
    'cuando se cumple todo',
    'quién decide',
  ],
  rulesNote:
    'Una regla solo propone. Decide un profesional identificado, y cada decisión queda registrada con aquello en que se basa.',
  analysis: [
    'Análisis, fijado de antemano',
    'resultado principal',
    'comparación',
    'asociaciones (* en la familia ajustada por Holm)',
    'datos ausentes',
  ],
  consent: [
    'Consentimiento',
    'requeridos en este centro, cada uno por separado',
    'ninguno más allá de la participación',
    'Un consentimiento denegado siempre prevalece. Retirarse de la investigación pone fin a los cuestionarios del estudio y deja a la persona fuera de todo análisis y exportación posterior, salvo que un consentimiento permita seguir usando lo ya recogido; la atención y su registro continúan. Dejar solo el tratamiento no es retirarse: la persona sigue en el análisis, en el grupo asignado.',
  ],
  data: [
    'Datos del conjunto para investigación',
    'columna',
    'unidad',
    'significado (en inglés)',
    'Una línea por paciente, visita y evaluador. Pacientes, terapeutas y centros son códigos con una clave que el investigador nunca tiene. Sin nombre, fecha, texto libre ni identificador del registro; las celdas de menos de cinco pacientes se vacían salvo aprobación.',
  ],
  retention: [
    'Dónde están los datos y cuánto tiempo',
    'Respuestas, puntuaciones, decisiones y el registro de accesos están en el servidor FHIR del propio hospital y se conservan como el hospital conserva la historia. Vincle no guarda una segunda copia: una respuesta que el servidor no pudo aceptar espera, sellada, hasta que se entrega o una persona la descarta; las sesiones terminan solas.',
    'Un conjunto exportado es un fichero de quien lo exportó; quién, para qué y con qué aprobación queda registrado en el servidor del hospital. A completar por el centro: se conserva hasta ________, por ________, y después se destruye.',
  ],
};

const ca: EthicsWords = {
  title: 'Annex per al comitè d’ètica',
  made: 'Generat a partir del contingut vigent en aquest centre, per',
  demonstration:
    'Els punts de tall i nivells que ningú del centre no ha confirmat són els d’un protocol de demostració.',
  instruments: ['Instruments', 'instrument', 'respon', 'ítems', 'total', 'quines respostes compten'],
  rater: { patient: 'pacient', therapist: 'terapeuta' },
  use: { study: 'la primera de cada visita', series: 'totes' },
  unconfirmed: 'clau de puntuació no confirmada per una persona identificada del centre',
  windows: [
    'Visites i les seves finestres',
    'visita',
    'mesos des de la inclusió',
    'dies abans',
    'dies després',
    'no es pregunta llavors',
  ],
  rules: [
    'Regles que proposen un altre nivell d’atenció',
    'regla',
    'des de',
    'fins a',
    'quan es compleix tot',
    'qui decideix',
  ],
  rulesNote:
    'Una regla només proposa. Decideix un professional identificat, i cada decisió queda registrada amb allò en què es basa.',
  analysis: [
    'Anàlisi, fixada per endavant',
    'resultat principal',
    'comparació',
    'associacions (* en la família ajustada per Holm)',
    'dades absents',
  ],
  consent: [
    'Consentiment',
    'requerits en aquest centre, cadascun per separat',
    'cap més enllà de la participació',
    'Un consentiment denegat sempre preval. Retirar-se de la recerca posa fi als qüestionaris de l’estudi i deixa la persona fora de tota anàlisi i exportació posterior, tret que un consentiment permeti continuar fent servir el que ja hi ha; l’atenció i el seu registre continuen. Deixar només el tractament no és retirar-se: la persona continua a l’anàlisi, al grup assignat.',
  ],
  data: [
    'Dades del conjunt per a recerca',
    'columna',
    'unitat',
    'significat (en anglès)',
    'Una línia per pacient, visita i avaluador. Pacients, terapeutes i centres són codis amb una clau que l’investigador no té mai. Sense nom, data, text lliure ni identificador del registre; les cel·les de menys de cinc pacients es buiden tret d’aprovació.',
  ],
  retention: [
    'On són les dades i quant de temps',
    'Respostes, puntuacions, decisions i el registre d’accessos són al servidor FHIR del mateix hospital i es conserven com l’hospital conserva la història. Vincle no en desa una segona còpia: una resposta que el servidor no ha pogut acceptar espera, segellada, fins que es lliura o una persona la descarta; les sessions s’acaben soles.',
    'Un conjunt exportat és un fitxer de qui l’ha exportat; qui, per a què i amb quina aprovació queda registrat al servidor de l’hospital. A completar pel centre: es conserva fins a ________, per ________, i després es destrueix.',
  ],
};

/** The words of the annex by language. */
export const ETHICS_WORDS: Readonly<Record<ReportLanguage, EthicsWords>> = { en, es, ca };
