import { safetyScenarios } from '../safety/safety-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

safetyScenarios('HAPI', () => sharedRig().hapi);
