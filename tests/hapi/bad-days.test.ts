import { badDays } from '../faults/bad-days.ts';
import { sharedRig } from './rig/shared.ts';

badDays('HAPI', () => sharedRig().hapi);
