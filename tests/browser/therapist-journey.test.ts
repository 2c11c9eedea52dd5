import { openSite } from './rig/hospital.ts';
import { therapistJourney } from './rig/therapist-journey.ts';

therapistJourney('the embedded server', () => openSite());
