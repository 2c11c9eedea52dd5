import type { FormReading } from '../domain/reading.ts';

/** What a site says of itself: by when answers are read, and whom to call. A demonstration has nobody, and says so. */
export const demoReading = (reading: FormReading): FormReading => ({
  ...reading,
  byWhen: {
    en: 'within two working days (DEMONSTRATION: here the site says by when)',
    es: 'en dos días laborables (DEMOSTRACIÓN: aquí el centro dice en qué plazo)',
    ca: 'en dos dies laborables (DEMOSTRACIÓ: aquí el centre diu en quin termini)',
  },
  contact: {
    text: {
      en: 'DEMONSTRATION. Here stands whom the patient can call, with the telephone number of the site.',
      es: 'DEMOSTRACIÓN. Aquí se indica a quién puede llamar el paciente, con el teléfono del centro.',
      ca: 'DEMOSTRACIÓ. Aquí s’indica a qui pot trucar el pacient, amb el telèfon del centre.',
    },
  },
});
