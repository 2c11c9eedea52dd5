import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import type { Now } from '../pipeline/compute-now.ts';
import type { Notifications } from '../pipeline/notifications.ts';
import type { RecordAccess } from './api/record-access.ts';
import type { Authorize } from './authorize.ts';
import type { HttpOptions } from './http-options.ts';
import type { Metrics } from './metrics.ts';
import type { Smart } from './smart/smart.ts';

/** What the handlers work with. */
export interface RouteParts {
  readonly ports: AlliancePorts;
  readonly options: HttpOptions;
  readonly authorize: Authorize;
  /** Absent where no server is registered that could launch the app. */
  readonly smart?: Smart;
  readonly metrics: Metrics;
  readonly notifications: Notifications;
  readonly now: Now;
  /** Every access of a launch to data of a patient is recorded, before it is answered. */
  readonly record: RecordAccess;
}
