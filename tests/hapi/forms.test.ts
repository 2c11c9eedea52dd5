import { formScenarios } from '../forms/form-scenarios.ts';
import { officeScenarios } from '../forms/office-scenarios.ts';
import { sharedRig } from './rig/shared.ts';

formScenarios(async () => sharedRig().hapi);
officeScenarios(async () => sharedRig().hapi);
