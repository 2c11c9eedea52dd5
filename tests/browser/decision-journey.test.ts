import { decisionJourney, safetyAtSite } from './rig/decision-journey.ts';
import { openSite } from './rig/hospital.ts';

decisionJourney('the embedded server', async () => openSite(undefined, await safetyAtSite()));
