import { laterChanges } from '../../faults/later-changes.ts';
import { sharedRig } from '../rig/shared.ts';

laterChanges('HAPI', () => sharedRig().hapi);
