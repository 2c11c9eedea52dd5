import { openSite } from './rig/hospital.ts';
import { patientJourney } from './rig/patient-journey.ts';

patientJourney('the embedded server', () => openSite());
