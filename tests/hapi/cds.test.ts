import { cdsScenarios } from '../cds/cds-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

cdsScenarios('HAPI', () => sharedRig().hapi);
