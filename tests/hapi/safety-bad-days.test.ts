import { safetyBadDays } from '../safety/safety-bad-days.ts';
import { sharedRig } from './rig/shared.ts';

safetyBadDays('HAPI', () => sharedRig().hapi);
