import { json, type Request, type Response } from 'express';
import { refusal } from './refusal.ts';

/** A response of 5 MB must go through. */
export const BODY_LIMIT = '6mb';
const TYPES = ['application/fhir+json', 'application/json'];
const parse = json({ type: TYPES, limit: BODY_LIMIT, strict: true });

/** Reads a FHIR JSON body into `request.body`. @throws Refusal 415, and what the parser throws: 400, 413 */
export async function readBody(request: Request, response: Response): Promise<void> {
  if (request.is(TYPES) === false)
    throw refusal(415, 'not-supported', 'wrong-media-type', `The body must be ${TYPES[0]}.`);
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}
