/** Somebody of a site’s own list. */
export interface Contact {
  /** `Practitioner/…`, where the person has a record; else the list alone knows them. */
  readonly reference?: string;
  readonly email?: string;
  readonly language: 'en' | 'es' | 'ca';
}

/** Whom a site names for signs of danger, beside what the records say. None ship. */
export interface SafetyContacts {
  /** By code of `CodeSystem/role`, in the order in which they are tried. */
  readonly roles: Readonly<Record<string, readonly Contact[]>>;
  /** Told when nobody of the chain can be, and when nobody is watching. */
  readonly coordinator: readonly Contact[];
}

export const NO_CONTACTS: SafetyContacts = { roles: {}, coordinator: [] };
