import { destination, type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stderr. What is logged is references, counts and reasons; anything that looks like content is cut. */
export const createLog = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          '*.resource',
          '*.body',
          '*.payload',
          '*.answer',
          '*.item',
          '*.name',
          '*.token',
          '*.authorization',
          'resource',
          'body',
          'payload',
          'token',
          'authorization',
        ],
        censor: '[cut]',
      },
    },
    destination({ fd: 2, sync: true }),
  );
