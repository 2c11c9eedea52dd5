/** The answer in plain words. Every sentence carries its uncertainty, and none says more than the data. */
export const answer = {
  heads: {
    level: 'Is the alliance different in the two arms?',
    development: 'Does it develop differently?',
    one: 'How does it develop?',
    agreement: 'Do patient and therapist agree?',
    associations: 'What goes with it?',
    doubt: 'What to doubt',
    reach: 'What this can say',
  },
  interval: (level: string, low: string, high: string) => `${level} interval ${low} to ${high}`,
  lower: (seen: string, at: string, of: string, against: string, points: string, interval: string) =>
    `${seen}, in this cohort the alliance ${at} was ${points} points lower in ${of} than in ${against} (${interval}).`,
  higher: (seen: string, at: string, of: string, against: string, points: string, interval: string) =>
    `${seen}, in this cohort the alliance ${at} was ${points} points higher in ${of} than in ${against} (${interval}).`,
  open: (seen: string, at: string, of: string, against: string, points: string, interval: string) =>
    `${seen}, in this cohort ${of} and ${against} differed by ${points} points ${at} (${interval}): the interval holds zero, so it is open which is higher, and a difference within it is not ruled out.`,
  noDifference: (seen: string, reason: string) => `${seen}, the arms cannot be compared: ${reason}.`,
  differs: (seen: string, over: string, test: string) =>
    `${seen}, in this cohort it developed differently in the two arms ${over} (${test}).`,
  notShown: (seen: string, over: string, test: string) =>
    `${seen}, a different development ${over} was not shown (${test}). That does not say that it was the same.`,
  noTest: (seen: string, reason: string) => `${seen}, whether it develops differently cannot be told: ${reason}.`,
  over: (visits: string, n: number) => (n === 1 ? `at ${visits}` : `averaged over ${visits}`),
  between: (visits: string) => `over ${visits}`,
  primaryInPart: (planned: string, held: string) =>
    `The plan named this as primary, over ${planned}. It could be had for ${held} alone, so this is not what was planned.`,
  primaryOtherwise:
    'The plan named this as primary, with an unstructured covariance. That could not be had, and a random intercept of the patient stands in its place: this is not what was planned.',
  otherArms: (of: string, against: string, found: string) =>
    `The plan compares ${of} with ${against}; this cohort has ${found}. Nothing was compared. Name its arms in the analysis plan (profiles/programme/analysis-plan.json in CONTENT_DIR), or give them with --arms.`,
  primary: 'This is what the plan named as primary.',
  changes: (seen: string, test: string) => `${seen}, in this cohort it changed over the visits (${test}).`,
  changeNotShown: (seen: string, test: string) => `${seen}, a change over the visits was not shown (${test}).`,
  ratersDiffer: (test: string) => `The two raters’ development differed between the arms (both in one model: ${test}).`,
  ratersNotShown: (test: string) =>
    `That the two raters’ development differs between the arms was not shown (both in one model: ${test}); two separate tests, one significant and one not, would not show it either.`,
  oneArm: 'This cohort has no two arms to compare.',
  agreementAt: (visit: string, icc: string, order: string, difference: string, lack: string) =>
    `At ${visit}: absolute agreement ICC(A,1) ${icc}, shared order ICC(C,1) ${order}; patients minus therapists ${difference}. ${lack}`,
  agreementNone: (visit: string, reason: string) => `At ${visit}: agreement cannot be had: ${reason}.`,
  points: (value: string, interval: string) => `${value} points (${interval})`,
  lackShort: {
    bias: 'the same level',
    ordering: 'a shared order',
    both: 'order and level',
    weak: 'the order is weak',
    'weak-and-bias': 'order weak, and level',
    none: 'neither shown',
    undecided: 'undecided',
  },
  lack: {
    bias: 'What is missing is the same level: one side rates higher. That a shared order is missing too is not shown.',
    ordering: 'What is missing is a shared order: who is high for the one is not reliably high for the other.',
    both: 'Missing are both a shared order and the same level.',
    weak: 'The shared order is weak: who is high for the one is only somewhat more often high for the other.',
    'weak-and-bias': 'The shared order is weak, and the same level is missing: one side rates higher.',
    none: 'Neither order nor level is shown to be missing.',
    undecided: 'The intervals do not tell which part, if any, is missing.',
  },
  related: (outcome: string, variable: string, coefficient: string, interval: string, p: string) =>
    `${variable} went with the alliance of ${outcome} (${coefficient}, ${interval}; p after Holm ${p}).`,
  noneRelated: (n: number) =>
    `Of ${n} planned relations none could be told from zero after Holm’s correction. The intervals say how strong each could still be.`,
  othersRelated: (n: number) =>
    n === 1
      ? 'The one other planned relation could not be told from zero; its interval says how strong it could still be.'
      : `The ${n} other planned relations could not be told from zero; their intervals say how strong each could still be.`,
  notMeasured: (variables: string) => `Not measured, or too rarely: ${variables}.`,
  noCause: 'Going together is not causing. Where patients rate both the app and the alliance, one mood colours both.',
  ceiling: (share: string, raters: string, visit: string, max: number) =>
    `At the ceiling: ${share} of the ratings of ${raters} at ${visit} stand at ${max}, the top of the scale. Differences above it cannot be seen, and every mean, difference and agreement here is squeezed by it.`,
  noCeiling: (max: number) => `At the ceiling: no rating stands at ${max}, the top of the scale.`,
  nearCeiling: (share: string, max: number) =>
    `At the ceiling: at no visit and of neither rater do more than ${share} of the ratings stand at ${max}, the top of the scale.`,
  response: (share: string, raters: string, visit: string) =>
    `Least answered: ${share} of the due ratings of ${raters} at ${visit}. Who does not answer may rate otherwise than who does.`,
  tips: (raters: string, delta: string, where: string) =>
    `If the ratings of ${raters} that were not given lay ${delta} points lower (${where}), the averaged difference would no longer be judged as it is.`,
  neverTips: (raters: string, delta: string) =>
    `Ratings of ${raters} that were not given could lie up to ${delta} points lower, in either arm or in both, and the averaged difference would be judged as it is.`,
  unconfirmed: (instruments: string) =>
    `The scoring key of ${instruments} has not been confirmed by a named person at this site.`,
  deviated: (n: number) => `The analysis deviated from its plan in ${n} ${n === 1 ? 'point' : 'points'}: see below.`,
  changed: 'The cohort changed while it was read.',
  reach:
    'Everything here is said of this cohort and of nobody else. Patients are compared in the arm they were assigned to. No therapist is ranked, and no number here judges one person.',
  blind: {
    'study-not-finished':
      'The study is still running. Arms are not told apart, and no rating is shown: only how many were included, asked and answered.',
    'study-unreadable':
      'Whether the study has ended could not be read. Arms are not told apart, and no rating is shown.',
    'no-study':
      'No study is configured, so nobody has said whether anybody in this cohort is blinded. Arms are not told apart, and no rating is shown, until the cohort is declared no trial.',
    'unlock-incomplete': 'An unlock needs a name and a reason. Arms are not told apart, and no rating is shown.',
  },
  blindCounts: (patients: number, participants: number) =>
    `${patients} of ${participants} participants found are in the analysis.`,
  nobody: (reasons: string) => `Nobody is in the analysis. Left out, and why: ${reasons}.`,
  nobodyFound: 'Nobody was found who takes part.',
  ownConsent: 'Without a study to take part in, research needs an explicit Consent of each patient.',
  blindVisit: (visit: string, said: string) => `At ${visit}: ${said}.`,
  blindShare: {
    patient: (share: string) => `patients gave ${share} of the ratings that were due`,
    therapist: (share: string) => `therapists gave ${share} of theirs`,
    both: (share: string) => `both rated at ${share} of the visits at which both were due`,
  },
  nothingDue: (visit: string) => `At ${visit} no rating has been due yet.`,
  unlocked: (person: string, reason: string) =>
    `Unlocked by ${person}. Reason: ${reason}. What is read before the end is not the result of the study.`,
};
