/** What a launch is about: who sits there, and whose chart is open. */
export interface LaunchContext {
  /** `Practitioner/…` or `Patient/…` */
  readonly user: string;
  /** `Patient/…` */
  readonly patient?: string;
}
