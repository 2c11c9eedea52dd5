/** The server would answer somebody it cannot know. Exit code 2. */
export class NotServableError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Vincle does not listen there:\n${problems.map((it) => `  ${it}`).join('\n')}`);
    this.name = 'NotServableError';
    this.problems = problems;
  }
}

/** What decides whether an address may be listened on. */
export interface Servable {
  readonly host: string;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly publicUrl: string | undefined;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Off loopback, Vincle listens only where it can tell who asks. @throws NotServableError */
export function assertServable({ host, issuer, audience, publicUrl }: Servable): void {
  const problems: string[] = [];
  const seen = !isLoopback(host) || (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname));
  if (seen && issuer === undefined) problems.push('ISSUER: required off loopback. Whose tokens would be taken?');
  if (seen && audience === undefined)
    problems.push('AUDIENCE: required off loopback. A token for another service must not open this one.');
  if (seen && issuer !== undefined && new URL(issuer).protocol !== 'https:' && !isLoopback(new URL(issuer).hostname))
    problems.push('ISSUER: must be https off loopback. Its keys would come over an open line.');
  if (problems.length > 0) throw new NotServableError(problems);
}
