import type { AlliancePorts } from '../compute-alliance.ts';
import type { SafetyPath } from './safety-path.ts';

export interface SafetyPorts extends AlliancePorts {
  readonly safety: SafetyPath;
}

/** The ports with the safety path, where there is one. */
export const withSafety = (ports: AlliancePorts): SafetyPorts | undefined =>
  ports.safety === undefined ? undefined : { ...ports, safety: ports.safety };
