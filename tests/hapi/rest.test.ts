import { restingCare } from '../schedule/rest-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

restingCare('HAPI', () => sharedRig().hapi);
