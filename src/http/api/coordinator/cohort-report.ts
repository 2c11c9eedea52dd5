import { rightsOf } from '../../../domain/access.ts';
import type { CohortReportView } from '../../../domain/view/cohort-report-view.ts';
import { TrialError } from '../../../pipeline/cohort/not-a-trial.ts';
import { cohortPage, cohortView } from '../../../report/cohort-page.ts';
import type { ReportLanguage } from '../../../report/cohort-report.ts';
import type { MakeCohortReport } from '../../make-cohort-report.ts';
import { readBody } from '../../read-body.ts';
import { insufficient, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { field, flag, optionalField } from '../json-body.ts';
import { launchWith } from './rightful.ts';

const LANGUAGES: Readonly<Record<string, ReportLanguage>> = { ca: 'ca', es: 'es', en: 'en' };

/** The report of the cohort, for researchers alone. A change, not a reading, because each is recorded with what it is for. */
export function cohortReportRoute(parts: RouteParts, smart: Smart, make: MakeCohortReport): Route {
  let busy = false;
  return {
    method: 'post',
    path: '/api/cohort-report',
    summary: 'The analysis of the cohort as a page; arms stay masked while the study runs',
    access: 'launch',
    body: 'json',
    opens: ['ResearchStudy', 'Observation'],
    answers: {
      200: 'CohortReportView',
      400: 'The body cannot be read',
      401: 'No launch',
      403: 'Not a researcher, or somebody who rates in the study',
      404: 'There is no analysis plan',
      422: 'Purpose or approval number is missing, or what is declared no trial is one',
      503: 'Another report is being made, or the server is away: try again',
    },
    produces: 'application/json',
    handle: async (request, response) => {
      const launch = await launchWith(parts, smart, request, 'cohort-report');
      const { access } = parts.ports.context.content;
      // Marks of single dyads are in it: whoever rates might know their own again.
      if (rightsOf(access, launch.record.roles).has('answer'))
        throw insufficient('rates-in-the-study', 'Whoever rates in the study does not open this.');
      await readBody(request, response);
      const language = field(request.body, 'language', LANGUAGES);
      const notATrial = flag(request.body, 'notATrial');
      const { purpose, approval } = {
        ...optionalField(request.body, 'purpose'),
        ...optionalField(request.body, 'approval'),
      };
      if (!purpose?.trim() || !approval?.trim())
        throw refusal(422, 'required', 'purpose-missing', 'A purpose and an approval number are required.');
      // One at a time: each holds its whole cohort in memory.
      if (busy) throw refusal(503, 'throttled', 'busy', 'A report is being made: try again.', { 'Retry-After': '10' });
      busy = true;
      try {
        const { practitioner, user, name } = launch.record;
        const by = { reference: practitioner ?? user, ...(name === undefined ? {} : { name }) };
        const report = await make({ by, purpose, approval, notATrial, nowMs: parts.now.now() }).catch(refused);
        if (report === undefined) throw refusal(404, 'not-found', 'no-plan', 'Content holds no analysis plan.');
        await parts.record(launch, {
          action: 'execute',
          resources: ['ResearchStudy', 'Observation'],
          purpose: 'HRESCH',
        });
        const { style, body } = cohortView(report, language);
        const view: CohortReportView = {
          style,
          body,
          page: cohortPage(report, language),
          masked: report.analysis.masked,
          declarable: report.manifest.blinding.because === 'no-study',
        };
        response.json(view);
      } finally {
        busy = false;
      }
    },
  };
}

function refused(error: unknown): never {
  if (!(error instanceof TrialError)) throw error;
  throw refusal(422, 'business-rule', 'is-a-trial', 'This cohort compares arms: it is a trial.');
}
