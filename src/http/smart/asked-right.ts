import type { Request } from 'express';
import type { Right } from '../../domain/view/session-view.ts';

const asked = new WeakMap<Request, Right>();

/** Notes what the route of a request asks of a launch, before its handler asks who is there. */
export function askRight(request: Request, right: Right | undefined): void {
  if (right !== undefined) asked.set(request, right);
}

/** The right that this request needs in a launch; `undefined` where its route names none. */
export const rightAsked = (request: Request): Right | undefined => asked.get(request);
