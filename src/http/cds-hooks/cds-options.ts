/** A client whose calls are answered: its issuer, and where its keys are. Several addresses of one issuer are several entries. */
export interface CdsClient {
  readonly issuer: string;
  readonly jwksUrl: string;
}

export type Language = 'en' | 'es' | 'ca';

/** How CDS Hooks are served. */
export interface CdsOptions {
  /** Nobody but on loopback may be without. */
  readonly clients: readonly CdsClient[];
  /** Origins whose pages may call from a browser; none where it is absent. */
  readonly origins?: readonly string[];
  /** Where set, every token must name it. */
  readonly tenant?: string;
  /** Language of cards where the request asks for none that there is. */
  readonly language: Language;
  /** Where the EHR launches Vincle’s SMART app; without it no card links there. */
  readonly launchUrl?: string;
  /** A page of the hospital that explains stepped care. */
  readonly guideUrl?: string;
}

/** Clients as `CDS_CLIENTS` names them: `issuer=address of its keys`, separated by spaces or commas. */
export const clientsOf = (text: string): CdsClient[] =>
  text
    .split(/[\s,]+/)
    .filter((it) => it !== '')
    .map((it) => ({ issuer: it.slice(0, it.indexOf('=')), jwksUrl: it.slice(it.indexOf('=') + 1) }));
