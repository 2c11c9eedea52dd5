import type { Request, Response } from 'express';
import type { Right } from '../domain/view/session-view.ts';

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
  /** What a launch must have the right to; who has a bearer token is held by the token’s scopes instead. */
  readonly right?: Right;
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
