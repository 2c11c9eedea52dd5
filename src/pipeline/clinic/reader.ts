/** Who opens a page: the person, and the roles that the hospital’s record gives. */
export interface Reader {
  /** `Practitioner/…` */
  readonly practitioner: string;
  readonly roles: readonly string[];
  /** Whether the hospital’s grant lets the app write what a right is about. */
  readonly mayWrite: (resource: string, right: 'c' | 'u') => boolean;
}
