import { clinicPages } from '../clinic/pages.ts';
import { sharedRig } from './rig/shared.ts';

clinicPages('HAPI', () => sharedRig().hapi);
