import type { AuditEvent } from 'fhir/r4.js';
import { BASE, DEVICE_ID } from '../../domain/canonicals.ts';
import type { Unlock } from './blinding.ts';

/** What was opened or handed out: never a patient. */
export interface CohortAccess {
  readonly at: string;
  /** `csv`, `json`, `html`, `fhir` as asked for; `page` in the app. */
  readonly format: string;
  readonly baseUrl: string;
  /** `ResearchStudy/…`; absent for a cohort by its episodes. */
  readonly study: string | undefined;
  readonly purpose: string | undefined;
  /** Number under which an ethics committee approved it. */
  readonly approval: string | undefined;
  readonly unlock: Unlock | undefined;
  /** Who asked in the app; absent of a command. */
  readonly by?: { readonly reference: string; readonly name?: string };
  /** Why arms could be told apart. */
  readonly because: string;
  /** Values of fewer than five patients are told too. */
  readonly keepsFew?: boolean;
  /** The measures are written to the server. */
  readonly published?: boolean;
}

const named = (display: string | undefined) => (display === undefined ? {} : { display });

const text = (type: string, value: string | undefined) => (value === undefined ? [] : [{ type, valueString: value }]);

/**
 * The record of an export, or of a report with findings, made before anything is handed out: an AuditEvent of DICOM’s `Export`,
 * for research (v3-ActReason `HRESCH`), with purpose, approval, and who unlocked it for which reason.
 */
export function exportAudit(it: CohortAccess): AuditEvent {
  return {
    resourceType: 'AuditEvent',
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110106', display: 'Export' },
    action: 'R',
    recorded: it.at,
    outcome: '0',
    purposeOfEvent: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }],
        ...(it.purpose === undefined ? {} : { text: it.purpose }),
      },
    ],
    agent: [
      { who: { reference: `Device/${DEVICE_ID}` }, requestor: it.unlock === undefined && it.by === undefined },
      ...(it.by === undefined
        ? []
        : [{ who: { reference: it.by.reference, ...named(it.by.name) }, requestor: it.unlock === undefined }]),
      ...(it.unlock === undefined ? [] : [{ who: { display: it.unlock.person }, requestor: true }]),
    ],
    source: { site: it.baseUrl, observer: { reference: `Device/${DEVICE_ID}` } },
    entity: [
      {
        what: it.study === undefined ? { identifier: { system: BASE, value: 'cohort' } } : { reference: it.study },
        detail: [
          ...text('format', it.format),
          ...text('arms', it.because),
          ...text('approval', it.approval),
          ...text('small-cells', it.keepsFew ? 'kept' : undefined),
          ...text('published', it.published ? 'true' : undefined),
          ...text('reason', it.unlock?.reason),
        ],
      },
    ],
  };
}
