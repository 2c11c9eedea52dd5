import type { Request, Response } from 'express';

/** Who may ask. */
export type Access = 'public' | 'bearer' | 'subscription-secret' | 'metrics-token' | 'cds-client' | 'launch';

/** One route: the table of them is what express serves and what `/openapi.json` says. */
export interface Route {
  readonly method: 'get' | 'post' | 'put';
  /** As express has it: `/fhir/Questionnaire/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** A body of this media type is read, after the caller is known. */
  readonly body?: 'fhir' | 'json';
  readonly query?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, string>>;
  /** Types of what a launch sees or changes here, for the record of accesses; the handler may say more. */
  readonly opens?: readonly string[];
  /** Type of the resource that `:id` names, where that is no patient: whose it is is read for the record. */
  readonly about?: 'CarePlan' | 'Task';
  readonly produces:
    | 'application/fhir+json'
    | 'application/json'
    | 'text/plain'
    | 'text/html'
    | 'application/octet-stream';
  readonly handle: (request: Request, response: Response) => Promise<void> | void;
}
