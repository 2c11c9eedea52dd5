import { randomUUID } from 'node:crypto';
import type { Coding } from 'fhir/r4.js';
import { decidedProposal } from '../../domain/care-plan-build.ts';
import { type CardTopic, CDS_CARD, cardKey, OVERRIDE_REASON } from '../../domain/cds-card.ts';
import { MEASURE } from '../../domain/derived-observation.ts';
import type { OpenProposal } from '../../domain/overview.ts';
import type { PatientOverview } from '../../pipeline/patient-overview.ts';
import { type Card, type CardLink, plain, summaryOf } from './card.ts';
import { cardId } from './card-id.ts';
import { allianceLine, day, instant, number, type Wording } from './card-values.ts';
import { CARD_WORDS } from './card-words.ts';

/** The cards about one patient, the most urgent first; none about anybody outside the programme. */
export function cardsOf(overview: PatientOverview, wording: Wording): Card[] {
  if (!overview.inScope) return [];
  return [
    ...safetyCard(overview, wording),
    ...proposalCard(overview, wording),
    ...overdueCards(overview, wording),
    ...levelCard(overview, wording),
    ...allianceCard(overview, wording),
  ];
}

interface Said {
  readonly topic: CardTopic;
  readonly key?: string;
  readonly indicator: Card['indicator'];
  readonly summary: string;
  readonly detail: readonly string[];
  /** Where the app opens, and on what. */
  readonly view: Readonly<Record<string, string>>;
}

function card({ topic, key = topic, indicator, summary, detail, view }: Said, wording: Wording): Card {
  const { language, options, words } = wording;
  const says = CARD_WORDS[language];
  const name = words(CDS_CARD, topic, language);
  const links: CardLink[] = [
    ...(options.launchUrl === undefined
      ? []
      : [{ label: says.open, url: options.launchUrl, type: 'smart' as const, appContext: JSON.stringify(view) }]),
    ...(options.guideUrl === undefined
      ? []
      : [{ label: says.guide, url: options.guideUrl, type: 'absolute' as const }]),
  ];
  const text = detail.filter((it) => it !== '').join('\n\n');
  return {
    uuid: cardId(key),
    summary: summaryOf(summary),
    ...(text === '' ? {} : { detail: text }),
    indicator,
    source: {
      label: says.source,
      topic: { system: CDS_CARD, code: topic, ...(name === undefined ? {} : { display: name }) },
    },
    ...(links.length === 0 ? {} : { links }),
  };
}

const whoIs = (reference: string | undefined, overview: PatientOverview, otherwise: string): string =>
  overview.nameOf(reference) || otherwise;

function safetyCard(overview: PatientOverview, wording: Wording): Card[] {
  const { signs } = overview;
  const says = CARD_WORDS[wording.language];
  const first = signs.find((it) => !it.takenUp) ?? signs[0];
  if (first === undefined) return [];
  const owner = whoIs(first.owner, overview, first.owner === undefined ? says.nobody : says.somebody);
  return [
    card(
      {
        topic: 'safety',
        indicator: 'critical',
        summary: first.takenUp ? says.signTaken(owner) : says.signOpen,
        detail: [
          ...signs.map((it) =>
            says.signDetail(
              plain(whoIs(it.owner, overview, it.owner === undefined ? says.nobody : says.somebody)),
              instant(it.raisedAt, wording),
              instant(it.respondBy, wording),
            ),
          ),
          signs.length > 1 ? says.signCount(signs.length) : '',
        ],
        view: { view: 'safety', task: first.task },
      },
      wording,
    ),
  ];
}

function proposalCard(overview: PatientOverview, wording: Wording): Card[] {
  const { proposal } = overview;
  if (proposal === undefined) return [];
  const { language, words } = wording;
  const says = CARD_WORDS[language];
  const { rule, sentence, decideBy } = proposal;
  const title = proposal.title[language];
  const name = (measure: string): string => plain(words(MEASURE, measure, language) ?? measure);
  const error = (measure: string): string => {
    const half = overview.errorOf(measure);
    return half === undefined ? says.noError(name(measure)) : says.error(name(measure), number(half, language));
  };
  const shown = card(
    {
      topic: 'proposal',
      key: cardKey('proposal', rule),
      indicator: proposal.direction === 'up' ? 'warning' : 'info',
      summary: says.step[proposal.direction](title),
      detail: [
        sentence === undefined ? says.withheld : plain(sentence[language]),
        sentence === undefined ? '' : proposal.measures.map(error).join(' '),
        proposal.agreementMissing ? says.agreement : '',
        decideBy === undefined ? '' : says.decideBy(instant(decideBy, wording)),
        proposal.escalated ? says.proposalLate : '',
        proposal.owner === undefined ? '' : says.asked(plain(whoIs(proposal.owner, overview, says.somebody))),
        says.clinician,
      ],
      view: { view: 'proposal', carePlan: proposal.plan.id ?? '' },
    },
    wording,
  );
  const reasons = wording.overrideReasons.map(
    (code): Coding => ({
      system: OVERRIDE_REASON,
      code,
      display: words(OVERRIDE_REASON, code, language) ?? code,
    }),
  );
  const suggested = suggestion(overview, proposal, wording);
  return [{ ...shown, ...suggested, ...(reasons.length === 0 ? {} : { overrideReasons: reasons }) }];
}

/** What an EHR may write in the name of the person who looks: the decision itself, where that person may take it now. */
function suggestion(overview: PatientOverview, proposal: OpenProposal, wording: Wording) {
  const { viewer } = overview;
  if (viewer === undefined || !proposal.mayDecide || proposal.agreementMissing || proposal.sentence === undefined)
    return {};
  const says = CARD_WORDS[wording.language];
  const title = proposal.title[wording.language];
  const resource = decidedProposal(
    proposal.plan,
    { outcome: 'approved', by: viewer, at: wording.now },
    wording.display,
  );
  return {
    suggestions: [
      {
        label: says.approve(title),
        uuid: randomUUID(),
        actions: [{ type: 'update' as const, description: says.approveAction(title), resource }],
      },
    ],
    selectionBehavior: 'at-most-one' as const,
  };
}

function overdueCards(overview: PatientOverview, wording: Wording): Card[] {
  const { screening, ratings } = overview;
  const { language, words } = wording;
  const says = CARD_WORDS[language];
  const name = (measure: string): string => plain(words(MEASURE, measure, language) ?? measure);
  if (screening === undefined && ratings.length === 0) return [];
  const late =
    screening === undefined ? undefined : screening.newest === undefined ? says.screeningNever : says.screeningLate;
  return [
    card(
      {
        topic: 'overdue',
        indicator: 'info',
        summary:
          late === undefined || screening === undefined ? says.ratingsLate(ratings.length) : late(screening.days),
        detail: [
          screening === undefined ? '' : says.screeningDetail(name(screening.measure)),
          ratings
            .map((it) => {
              const [asked, due] = [day(it.asked, wording), day(it.due, wording)];
              return `- ${says.rating(name(it.instrument), says.rater[it.rater], asked, due, it.daysLate, it.expired)}`;
            })
            .join('\n'),
        ],
        view: { view: 'overdue' },
      },
      wording,
    ),
  ];
}

function levelCard({ level }: PatientOverview, wording: Wording): Card[] {
  if (level === undefined) return [];
  const says = CARD_WORDS[wording.language];
  const title = level.title[wording.language];
  const summary = level.since === undefined ? says.levelUndated(title) : says.level(title, day(level.since, wording));
  const detail = level.restedOnAmended ? [says.amended] : [];
  return [card({ topic: 'level', indicator: 'info', summary, detail, view: { view: 'care' } }, wording)];
}

function allianceCard({ alliance }: PatientOverview, wording: Wording): Card[] {
  if (alliance.length === 0) return [];
  const says = CARD_WORDS[wording.language];
  const detail = [
    alliance.map((it) => `- ${allianceLine(it, wording)}`).join('\n'),
    alliance.some((it) => it.keyUnconfirmed) ? says.unconfirmed : '',
  ];
  return [
    card({ topic: 'alliance', indicator: 'info', summary: says.alliance, detail, view: { view: 'alliance' } }, wording),
  ];
}
