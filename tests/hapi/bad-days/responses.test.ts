import { badResponses } from '../../faults/bad-responses.ts';
import { sharedRig } from '../rig/shared.ts';

badResponses('HAPI', () => sharedRig().hapi);
