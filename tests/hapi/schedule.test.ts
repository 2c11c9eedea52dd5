import { keepingSchedule } from '../schedule/schedule-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

keepingSchedule('HAPI', () => sharedRig().hapi);
