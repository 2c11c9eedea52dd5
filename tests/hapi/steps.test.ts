import { steppedCare } from '../steps/step-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

steppedCare('HAPI', () => sharedRig().hapi);
