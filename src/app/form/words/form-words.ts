/** Words of the pages around the questions. `{…}` are filled in. */
export interface FormWords {
  readonly app: string;
  readonly loading: string;
  readonly skip: string;
  readonly language: string;
  readonly languages: { readonly en: string; readonly es: string; readonly ca: string };
  readonly signOut: string;
  readonly signedOut: string;
  readonly demonstration: string;
  readonly start: {
    readonly title: string;
    readonly titleRound: string;
    readonly intro: string;
    readonly none: string;
    readonly noneMore: string;
    readonly questions: string;
    readonly oneQuestion: string;
    readonly minutes: string;
    readonly until: string;
    readonly overdue: string;
    readonly reads: string;
    readonly begin: string;
    readonly goOn: string;
    readonly begun: string;
    readonly begunOne: string;
    readonly print: string;
    readonly copy: string;
    readonly call: string;
    readonly noContact: string;
    readonly free: string;
    readonly language: string;
  };
  readonly form: {
    readonly progress: string;
    readonly progressAll: string;
    readonly back: string;
    readonly next: string;
    readonly toReview: string;
    readonly toStart: string;
    readonly all: string;
    readonly one: string;
    readonly unvalidated: string;
    readonly noWording: string;
  };
  readonly save: {
    readonly idle: string;
    readonly saving: string;
    readonly saved: string;
    readonly waiting: string;
    readonly unreachable: string;
    readonly refused: string;
    readonly retry: string;
  };
  readonly expired: {
    readonly title: string;
    readonly text: string;
    readonly textUnsaved: string;
    readonly signIn: string;
    readonly portal: string;
    readonly restored: string;
  };
  readonly conflict: {
    readonly title: string;
    readonly text: string;
    readonly theirs: string;
    readonly mine: string;
  };
  readonly review: {
    readonly title: string;
    readonly intro: string;
    readonly missing: string;
    readonly oneMissing: string;
    readonly allAnswered: string;
    readonly change: string;
    readonly answer: string;
    readonly send: string;
    readonly sending: string;
    readonly notSent: string;
    readonly notSentOffline: string;
    readonly print: string;
    readonly nothing: string;
  };
  readonly done: {
    readonly title: string;
    readonly kept: string;
    readonly next: string;
    readonly reads: string;
    readonly by: string;
    readonly call: string;
    readonly more: string;
    readonly toStart: string;
    readonly close: string;
    readonly copy: string;
  };
  readonly link: {
    readonly title: string;
    readonly intro: string;
    readonly send: string;
    readonly sent: string;
    readonly code: string;
    readonly codeHint: string;
    readonly open: string;
    readonly wrong: string;
    readonly triesLeft: string;
    readonly dead: string;
    readonly deadMore: string;
    readonly noCode: string;
    readonly again: string;
  };
  readonly copy: {
    readonly title: string;
    readonly intro: string;
    readonly none: string;
    readonly answered: string;
    readonly reads: string;
    readonly looked: string;
    readonly nobody: string;
    readonly notAnswered: string;
    readonly back: string;
    readonly withheld: string;
    readonly show: string;
    readonly print: string;
    readonly lookedUnknown: string;
    readonly yourself: string;
  };
  readonly paper: { readonly print: string; readonly name: string; readonly record: string; readonly date: string };
  readonly failed: {
    readonly title: string;
    readonly offline: string;
    readonly late: string;
    readonly down: string;
    readonly forbidden: string;
    readonly gone: string;
    readonly other: string;
    readonly safe: string;
    readonly retry: string;
  };
}
