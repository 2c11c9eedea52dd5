import type { Words } from '../../../domain/protocol.ts';
import type { JobsView, JobView } from '../../../domain/view/review-view.ts';
import { withSafety } from '../../../pipeline/safety/safety-ports.ts';
import { watchState } from '../../../pipeline/safety/watch-down.ts';
import type { JobRun } from '../../../state/port.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { launchWith } from './rightful.ts';

const TITLES: Readonly<Record<string, Words>> = {
  alliance: {
    en: 'Alliance: scores, dyads and changes',
    es: 'Alianza: puntuaciones, díadas y cambios',
    ca: 'Aliança: puntuacions, díades i canvis',
  },
  safety: { en: 'Looking for signs of danger', es: 'Búsqueda de señales de peligro', ca: 'Cerca de senyals de perill' },
  escalate: {
    en: 'Signs and decisions that wait too long',
    es: 'Señales y decisiones que esperan demasiado',
    ca: 'Senyals i decisions que esperen massa',
  },
  steps: { en: 'Proposals of steps', es: 'Propuestas de pasos', ca: 'Propostes de passos' },
  schedule: { en: 'Forms and reminders', es: 'Formularios y recordatorios', ca: 'Formularis i recordatoris' },
};

/** The jobs with their last runs: counts, never patient data. */
export function jobsRoute(parts: RouteParts, smart: Smart): Route {
  const started = parts.now.now();
  return {
    method: 'get',
    path: '/api/jobs',
    summary: 'The jobs and their last runs',
    access: 'launch',
    answers: { 200: 'JobsView', 401: 'No launch', 403: 'Not a coordinator' },
    produces: 'application/json',
    handle: async (request, response) => {
      await launchWith(parts, smart, request, 'jobs');
      const jobs: JobView[] = [];
      for (const [name, title] of Object.entries(TITLES)) {
        const next = parts.options.nextRunOf?.(name);
        const [last] = await parts.ports.state.lastRuns(name, 1);
        jobs.push({
          name,
          title,
          ...(last === undefined ? {} : { lastRun: runOf(last) }),
          ...(next === undefined ? {} : { next: next.toISOString() }),
          isLate: await isLate(parts, name, last, started),
        });
      }
      const view: JobsView = { jobs };
      response.json(view);
    },
  };
}

function runOf({ startedAt, endedAt, ok, result }: JobRun): NonNullable<JobView['lastRun']> {
  const durationMs = Date.parse(endedAt) - Date.parse(startedAt);
  const counts = countsOf(result);
  return {
    endedAt,
    ok,
    durationMs,
    ...(Object.keys(counts).length === 0 ? {} : { counts }),
  };
}

const NO_COUNT: ReadonlySet<string> = new Set(['durationMs', 'checkpoint', 'requests']);

/** Numbers alone: whatever else a run says stays in the log. */
const countsOf = (result: unknown): Readonly<Record<string, number>> =>
  typeof result !== 'object' || result === null
    ? {}
    : Object.fromEntries(
        Object.entries(result).filter(
          (it): it is [string, number] => typeof it[1] === 'number' && !NO_COUNT.has(it[0]),
        ),
      );

async function isLate(
  { ports, options, now }: RouteParts,
  name: string,
  last: JobRun | undefined,
  started: number,
): Promise<boolean> {
  const safety = withSafety(ports);
  if (name === 'safety')
    return safety !== undefined && !(await watchState(ports.state, safety.safety, now.now(), started)).watching;
  if (name !== 'alliance') return false;
  return now.now() - (last === undefined ? started : Date.parse(last.endedAt)) > options.lastRunMaxAgeMs;
}
