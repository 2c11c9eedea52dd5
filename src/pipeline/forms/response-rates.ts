import type { Task } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { readAuthored } from '../../domain/instant.ts';
import type { Words } from '../../domain/protocol.ts';
import { isExpired, isQuestionnaireTask } from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import type { ResponseRate } from '../../domain/view/review-view.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { titleOf } from './due-forms.ts';
import { canonicalOfTask } from './form-tasks.ts';
import { visitLabels, visitOfWindow } from './visit-of-window.ts';

/** Local days, both included. */
export interface RateDays {
  readonly from: string;
  readonly to: string;
}

interface Counted {
  asked: number;
  answered: number;
  expired: number;
}

/**
 * How many were asked, answered and let pass, by instrument, rater and visit, of the windows that opened in these days.
 * Counts alone, never by therapist or patient.
 */
export async function responseRates(ports: AlliancePorts, { from, to }: RateDays): Promise<readonly ResponseRate[]> {
  const { server, context } = ports;
  const { baseUrl, timeZone } = context.settings;
  const counts = new Map<string, Counted>();
  const windows = new Map<string, Task>();
  for await (const { resources } of server.search({
    type: 'Task',
    params: [
      ['code', `${codeSystem('task')}|questionnaire`],
      [
        '_elements',
        'status,businessStatus,code,identifier,input,owner,for,restriction,groupIdentifier,instantiatesUri',
      ],
      ['_count', '1000'],
    ],
  }))
    for (const task of resources) {
      const opens = readAuthored(task.restriction?.period?.start, timeZone)?.date ?? '';
      if (!isQuestionnaireTask(task) || opens < from || opens > to) continue;
      // Nobody was asked whose form was taken back.
      if (task.status === 'cancelled' || task.status === 'entered-in-error') continue;
      const instrument = instrumentOf(ports, task);
      if (instrument === undefined) continue;
      const rater = literal(task.owner, baseUrl)?.startsWith('Patient/') === true ? 'patient' : 'therapist';
      const key = [instrument, rater, visitOfWindow(context, task) ?? ''].join('|');
      const counted = counts.get(key) ?? { asked: 0, answered: 0, expired: 0 };
      counted.asked += 1;
      if (task.status === 'completed') counted.answered += 1;
      if (isExpired(task)) counted.expired += 1;
      counts.set(key, counted);
      windows.set(key, task);
    }
  const visits = context.content.visits.windows.map((it): string => it.visit);
  const order = (key: string): readonly [string, number, string] => {
    const [instrument = '', rater = '', visit = ''] = key.split('|');
    return [`${instrument}|${rater}`, visits.indexOf(visit), visit];
  };
  return [...counts]
    .sort(([a], [b]) => {
      const [[formA, atA, restA], [formB, atB, restB]] = [order(a), order(b)];
      return formA.localeCompare(formB) || atA - atB || restA.localeCompare(restB);
    })
    .map(([key, counted]) => rateOf(ports, key, counted));
}

const instrumentOf = ({ context }: AlliancePorts, task: Task): string | undefined => {
  const resolved = context.content.resolve(canonicalOfTask(task));
  return 'instrument' in resolved ? resolved.instrument.id : undefined;
};

function rateOf({ context }: AlliancePorts, key: string, counted: Counted): ResponseRate {
  const [instrument = '', rater = '', visit = ''] = key.split('|');
  const label = visitLabels(context)(visit);
  return {
    instrument,
    title: nameOf(context.content, instrument),
    rater: rater === 'patient' ? 'patient' : 'therapist',
    ...(label === undefined ? {} : { visit: label }),
    ...counted,
  };
}

function nameOf({ resources }: AlliancePorts['context']['content'], instrument: string): Words {
  for (const it of resources)
    if (it.resourceType === 'Questionnaire' && it.id === instrument) return titleOf({ questionnaire: it });
  return { en: instrument, es: instrument, ca: instrument };
}
