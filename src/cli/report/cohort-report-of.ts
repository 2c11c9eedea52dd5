import type { Config } from '../../config.ts';
import type { LoadedContent } from '../../content/port.ts';
import type { HttpOptions } from '../../http/http-options.ts';
import { reportNow } from '../../pipeline/cohort/report-now.ts';
import { contextOf, serverOf, VERSION } from '../compose.ts';
import { analyseApart } from './analyse-apart.ts';

/** How the app makes the report of the cohort: by Vincle’s own credential, patient with the server, in a thread of its own. */
export function cohortReportOf(config: Config, content: LoadedContent): NonNullable<HttpOptions['cohortReport']> {
  const ports = {
    server: serverOf(config),
    context: contextOf(config, content),
    content,
    analyse: analyseApart,
    software: VERSION,
    site: config.SITE,
  };
  return (asked) => reportNow(ports, asked);
}
