import { askedOnAnswer } from '../schedule/triggered-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

askedOnAnswer('HAPI', () => sharedRig().hapi);
