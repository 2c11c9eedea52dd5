/* Drafted by the page that shows it; whoever answers it may change anything here. */

/** `POST /api/link/code`: the code of the link's fragment; a one-time code goes to the phone in the record. */
export interface LinkCodeBody {
  readonly code: string;
}

/** What may be said before anybody is known: no name, no form, no number. 410 `link-dead` where the link is worth nothing. */
export interface LinkCodeSent {
  /** How many digits the one-time code has. */
  readonly digits: number;
  /** How many tries are left. */
  readonly triesLeft: number;
}

/** `POST /api/link/open`: both codes. 403 `wrong-code` where the one-time code is another; 410 `link-dead`. */
export interface LinkOpenBody {
  readonly code: string;
  readonly oneTimeCode: string;
}

export interface LinkOpened {
  /** Public id of the launch: the page goes on at `/form/<launch>/`. */
  readonly launch: string;
}
