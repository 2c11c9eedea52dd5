import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a header is `Bearer` with this secret, in a time that does not depend on where they differ. */
export const isBearerOf = (secret: string, authorization: string | undefined): boolean =>
  timingSafeEqual(digest(`Bearer ${secret}`), digest((authorization ?? '').replace(/^bearer +/i, 'Bearer ')));
