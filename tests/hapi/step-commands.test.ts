import { stepCommands } from '../steps/step-commands.ts';
import { sharedRig } from './rig/shared.ts';

stepCommands('HAPI', () => sharedRig().hapi);
