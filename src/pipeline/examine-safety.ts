import type { Content } from '../content/port.ts';
import { BASE, codeSystem } from '../domain/canonicals.ts';
import { FhirError, type FhirServer } from '../fhir/port.ts';
import { type Finding, reasonOf, WORKS } from './finding.ts';
import type { SafetyPath } from './safety/safety-path.ts';
import { isOffered, worstDelay } from './safety/safety-status.ts';

/** What a site needs before it may ask for thoughts of death, how long an answer may wait, and which forms nobody watches. */
export async function examineSafety(server: FhirServer, content: Content, safety: SafetyPath): Promise<Finding[]> {
  return [
    await channel(safety),
    crisis(safety),
    contacts(safety),
    from(safety),
    delay(safety),
    await search(server),
    await unwatched(server, content, safety),
    told(content),
    screened(content),
  ];
}

function told({ reading: { version, byWhen, contact } }: Content): Finding {
  const missing = [...(byWhen === undefined ? ['byWhen'] : []), ...(contact === undefined ? ['contact'] : [])];
  return {
    ability: 'patients are told by when answers are read, and whom to call',
    found: missing.length === 0 ? 'yes' : 'no',
    evidence:
      missing.length === 0
        ? `profiles/programme/reading.json ${version}`
        : `profiles/programme/reading.json has no ${missing.join(', no ')}`,
    consequence:
      missing.length === 0
        ? WORKS
        : 'the forms say who reads, and that nobody does at once; set it in CONTENT_DIR, confirmed by a named person',
  };
}

/** Levels follow from screenings: whom no schedule asks is never screened, and is overdue for a form that nobody sends. */
function screened({ protocol: { schedules } }: Content): Finding {
  const forAll = schedules.some((it) => it.arm === undefined && it.forms.some((form) => form.rater === 'patient'));
  const arms = schedules.flatMap((it) => it.arm ?? []);
  return {
    ability: 'patients in stepped care outside the study’s arms are asked for screenings',
    found: forAll ? 'yes' : 'no',
    evidence: forAll ? 'a schedule for whoever is in stepped care' : `schedules for the arms ${arms.join(', ')} alone`,
    consequence: forAll
      ? WORKS
      : 'Vincle sends them no form: the hospital asks by its own means, or the protocol in CONTENT_DIR has a schedule without an arm',
  };
}

async function channel({ notify }: SafetyPath): Promise<Finding> {
  const { ok, reason } = await notify.check();
  return {
    ability: 'a sign of danger can be told to somebody (delivery channel)',
    found: ok ? 'yes' : 'no',
    evidence: ok ? `${notify.channel} stands there` : (reason ?? 'it does not answer'),
    consequence: ok ? WORKS : 'not ready for safety: signs are raised on the server and nobody is told',
  };
}

function crisis(safety: SafetyPath): Finding {
  const { offered, reasons } = isOffered(safety);
  return {
    ability: 'items on thoughts of death may be asked (PHQ-9 item 9)',
    found: offered ? 'yes' : 'no',
    evidence:
      safety.crisis === undefined
        ? 'no crisis text in profiles/programme/crisis.json'
        : `crisis text confirmed by ${safety.crisis.confirmedBy} on ${safety.crisis.date}`,
    consequence: offered ? WORKS : `PHQ-4 is offered instead (${reasons.join(', ')}); what comes anyway is raised`,
  };
}

function contacts({ contacts: { roles, coordinator } }: SafetyPath): Finding {
  const named = Object.entries(roles).map(([role, people]) => `${role} ${people.length}`);
  return {
    ability: 'the site names whom to tell when the record names nobody, or the server is down',
    found: coordinator.length > 0 ? 'yes' : 'no',
    evidence: named.length === 0 ? 'no profiles/programme/contacts.json' : named.join(', '),
    consequence:
      coordinator.length > 0
        ? WORKS
        : 'a sign of a patient without a team is raised and reaches nobody: name a coordinator',
  };
}

function from({ fromMs }: SafetyPath): Finding {
  return {
    ability: 'old answers are told from new ones (SAFETY_FROM)',
    found: fromMs === undefined ? 'no' : 'yes',
    evidence: fromMs === undefined ? 'not set' : new Date(fromMs).toISOString(),
    consequence: fromMs === undefined ? 'every answer on the server is raised at the first poll, however old' : WORKS,
  };
}

function delay(safety: SafetyPath): Finding {
  const { ownIntake, byOthers } = worstDelay(safety);
  return {
    ability: 'the longest time from an answer to a notice, while everything works',
    found: 'yes',
    evidence: `${ownIntake} s where it is handed in here; ${byOthers} s where others store it (poll ${safety.pollSeconds} s, server ${safety.serverLagSeconds} s)`,
    consequence: `somebody must have taken it up ${safety.policy.respondWithinMinutes} min after the sign; then the chain goes on`,
  };
}

/** The searches that the poll, the escalation and the record of notices stand on. */
async function search(server: FhirServer): Promise<Finding> {
  const ability = 'searches Flag, Task, Communication and List by identifier';
  const nothing = (system: string): [string, string] => [
    'identifier',
    `${BASE}/identifier/${system}|vincle-doctor-nobody`,
  ];
  try {
    const pages = await server.searchAll([
      { type: 'Flag', params: [nothing('flag')] },
      { type: 'Task', params: [nothing('task')] },
      { type: 'Communication', params: [nothing('communication')] },
      { type: 'List', params: [nothing('list')] },
      {
        type: 'Task',
        params: [
          ['code', `${codeSystem('task')}|vincle-doctor-nobody`],
          ['status', 'requested'],
        ],
      },
    ]);
    const ignoring = pages.filter((page) => page.resources.length > 0 || (page.ignored?.length ?? 0) > 0).length;
    return ignoring === 0
      ? { ability, found: 'yes', evidence: 'each was answered with nothing', consequence: WORKS }
      : {
          ability,
          found: 'no',
          evidence: `${ignoring} of ${pages.length} searches ignored a parameter`,
          consequence: 'falls back: what comes is filtered here, which grows with what is stored',
        };
  } catch (error) {
    return {
      ability,
      found: 'no',
      evidence: reasonOf(error),
      consequence: 'cannot be done: no sign can be raised once only',
    };
  }
}

/** Forms on the server that ask a safety item and that content does not know: their answers are not read. */
async function unwatched(server: FhirServer, content: Content, { policy }: SafetyPath): Promise<Finding> {
  const ability = 'every Questionnaire on the server that asks for thoughts of death is watched';
  const codes = policy.items.flatMap((it) => it.codes.map((code) => `http://loinc.org|${code}`)).join(',');
  try {
    const unknown: string[] = [];
    for await (const page of server.search({
      type: 'Questionnaire',
      params: [
        ['code', codes],
        ['_elements', 'url,version'],
      ],
    }))
      for (const it of page.resources)
        if (content.resolve(it.url ?? `Questionnaire/${it.id}`).kind === 'ignored')
          unknown.push(it.url ?? `Questionnaire/${it.id}`);
    return {
      ability,
      found: unknown.length === 0 ? 'yes' : 'no',
      evidence: unknown.length === 0 ? 'none other was found by its LOINC code' : unknown.slice(0, 5).join(', '),
      consequence:
        unknown.length === 0
          ? WORKS
          : 'NOT WATCHED: declare them in questionnaires/equivalences, else their answers are never read',
    };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { ability, found: 'unknown', evidence: reasonOf(error), consequence: 'look for such forms by hand' };
  }
}
