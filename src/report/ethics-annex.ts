import type { AnalysisPlan } from '../analysis/plan.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ConsentPolicy, VisitPlan } from '../domain/programme.ts';
import type { Comparison, Protocol } from '../domain/protocol.ts';
import type { ReportLanguage } from './cohort-report.ts';
import { ETHICS_WORDS } from './ethics-words.ts';

/** The content from which the annex is made, and nothing of a patient. */
export interface EthicsContent {
  readonly instruments: readonly Instrument[];
  readonly visits: VisitPlan;
  readonly consent: ConsentPolicy;
  readonly protocol: Pick<Protocol, 'version' | 'levels' | 'rules'>;
  readonly plan: AnalysisPlan;
  readonly dictionary: readonly { readonly name: string; readonly unit: string; readonly meaning: string }[];
  readonly software: string;
  /** Digest of the content. */
  readonly digest: string;
  /** Digest of the analysis plan. */
  readonly planDigest: string;
}

type Cell = string | number;

const table = (heads: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((it) => String(it).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
};

/**
 * The annex for an ethics committee, in Markdown: instruments, windows, rules, analysis, consent, data items and where data
 * stay, as the content in force has them. The same content gives the same text.
 */
export function ethicsAnnex(content: EthicsContent, language: ReportLanguage): string {
  const words = ETHICS_WORDS[language];
  const { plan } = content;
  const [consentTitle, required, none, consentText] = words.consent;
  const [dataTitle, column, unit, meaning, dataNote] = words.data;
  const [retentionTitle, ...retention] = words.retention;
  return `${[
    `# ${words.title}`,
    `${words.made} Vincle ${content.software}. SHA-256 ${content.digest}. ${words.demonstration}`,
    ...instruments(content, language),
    ...windows(content, language),
    ...rules(content, language),
    ...analysis(content, language),
    `## ${consentTitle}`,
    `${required}: ${content.consent.required.join(', ') || none}. ${consentText}`,
    `## ${dataTitle}`,
    dataNote,
    table(
      [column, unit, meaning],
      content.dictionary.map((it) => [it.name, it.unit, it.meaning]),
    ),
    `## ${retentionTitle}`,
    ...retention,
    `Plan ${plan.version} (${plan.date}), SHA-256 ${content.planDigest}.`,
  ].join('\n\n')}\n`;
}

function instruments({ instruments: all }: EthicsContent, language: ReportLanguage): string[] {
  const {
    instruments: [title, ...heads],
    rater,
    use,
    unconfirmed,
  } = ETHICS_WORDS[language];
  const rows = all.map((it) => {
    const total = it.keys.find((key) => key.measure === 'total') ?? it.keys[0];
    return [
      `${it.id} ${it.version}${it.keyConfirmed ? '' : ` (${unconfirmed})`}`,
      rater[it.rater],
      it.items.length,
      total === undefined ? '' : `${total.low}–${total.high}`,
      use[it.use],
    ];
  });
  return [`## ${title}`, table(heads, rows)];
}

function windows({ visits }: EthicsContent, language: ReportLanguage): string[] {
  const [title, ...heads] = ETHICS_WORDS[language].windows;
  const rows = visits.windows.map((it) => [it.visit, it.months, it.early, it.late, it.except.join(', ')]);
  return [`## ${title}`, `${visits.version}`, table(heads, rows)];
}

const asText = (it: Comparison): string =>
  `${it.measure}${it.component === undefined ? '' : `.${it.component}`} ${it.comparator} ${it.value}${it.readings > 1 ? ` × ${it.readings}` : ''}`;

function rules({ protocol }: EthicsContent, language: ReportLanguage): string[] {
  const {
    rules: [title, ...heads],
    rulesNote,
  } = ETHICS_WORDS[language];
  const levelOf = (code: string): string => protocol.levels.find((it) => it.code === code)?.title[language] ?? code;
  const rows = protocol.rules.map((it) => [
    it.id,
    it.from.map(levelOf).join(', '),
    levelOf(it.to),
    it.when.map(asText).join('; '),
    it.decision.deciders.join(', '),
  ]);
  return [`## ${title}`, `${rulesNote} ${protocol.version}`, table(heads, rows)];
}

function analysis({ plan }: EthicsContent, language: ReportLanguage): string[] {
  const {
    analysis: [title, primary, comparison, associations, missing],
    rater,
  } = ETHICS_WORDS[language];
  const named = plan.associations.map((it) => `${rater[it.outcome]}–${it.variable}${it.family ? '*' : ''}`);
  const against = plan.comparison === undefined ? '–' : `${plan.comparison.of} − ${plan.comparison.against}`;
  return [
    `## ${title}`,
    [
      `- ${primary}: WAI-S, ${rater[plan.primary.outcome]}, ${plan.primary.contrast}`,
      `- ${comparison}: ${against}`,
      `- ${associations}: ${named.join(', ')}`,
      `- ${missing}: m = ${plan.missing.imputations}, δ = ${plan.missing.deltas.join(', ')}`,
    ].join('\n'),
  ];
}
