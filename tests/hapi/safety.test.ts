import { safetyScenarios } from '../safety/safety-scenarios.ts';
import { signScenarios } from '../safety/sign-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

safetyScenarios('HAPI', () => sharedRig().hapi);
signScenarios('HAPI', () => sharedRig().hapi);
