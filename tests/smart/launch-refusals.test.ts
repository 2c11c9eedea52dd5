import { expect, jest, test } from '@jest/globals';
import { Browser } from './rig/browser.ts';
import { startScripted } from './rig/scripted-authority.ts';
import { begun, launched, reasonIn } from './rig/scripted-launch.ts';
import { stage } from './rig/stage.ts';

jest.setTimeout(60_000);

const { scripted, registered, registeredAs } = stage();

test('6 · what comes back to the redirect address is sent nowhere: neither code nor state nor an address that somebody adds', async () => {
  const vincle = await registered();
  const { browser, request } = await begun(vincle, scripted(), { launch: 'x' });
  scripted().nonce = request.searchParams.get('nonce') ?? '';
  const query = new URLSearchParams({
    code: 'c',
    state: request.searchParams.get('state') ?? '',
    redirect_uri: 'https://evil.example/',
    next: '//evil.example',
    returnTo: 'https://evil.example/',
  });
  const answer = await browser.ask(`${vincle.url}/callback?${query}`);
  const location = answer.headers.get('location') ?? '';
  // Nobody of that id is in the record: whatever the answer, it leads nowhere else.
  expect(location === '' || location.startsWith('/app/')).toBe(true);
  expect(`${location}${await answer.text()}`).not.toMatch(/evil|a-code|state=/);
});

test('5 · what others put into addresses and answers is never part of a page', async () => {
  const vincle = await registered();
  const script = '<script>alert(1)</script>';
  const pages = [
    `/launch?iss=${encodeURIComponent(script)}&launch=x`,
    `/launch?iss=${encodeURIComponent(scripted().iss)}&launch=${encodeURIComponent(script)}&launch=y`,
    `/callback?error=${encodeURIComponent(script)}&error_description=${encodeURIComponent(script)}&state=x`,
    `/callback?code=${encodeURIComponent(script)}&state=${encodeURIComponent(script)}`,
  ];
  for (const page of pages) {
    const answer = await new Browser().ask(`${vincle.url}${page}`, { headers: { accept: 'text/html' } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.text()).not.toContain('alert(1)');
  }
});

test('a server that is not on the list is refused, and nothing is asked of it', async () => {
  const vincle = await registered();
  const foreign = await startScripted();
  try {
    for (const iss of [
      foreign.iss,
      `${scripted().iss}.evil.example`,
      `${scripted().iss}/../fhir`,
      'javascript:alert(1)',
    ]) {
      const arrived = await new Browser().go(`${vincle.url}/launch?iss=${encodeURIComponent(iss)}&launch=x`);
      expect([arrived.status, reasonIn(arrived)]).toEqual([403, 'unknown-iss']);
    }
    expect(foreign.came).toEqual([]);
  } finally {
    await foreign.stop();
  }
});

test('alone, and with one server on the list, nobody need say which; with two it must be said', async () => {
  const one = await registered();
  const arrived = await new Browser().go(`${one.url}/launch`, (next) => next.pathname === '/authorize');
  expect(arrived.url.searchParams.get('aud')).toBe(scripted().iss);
  const fromEhr = await new Browser().go(`${one.url}/launch?launch=x`);
  expect([fromEhr.status, reasonIn(fromEhr)]).toEqual([400, 'iss-missing']);
  const { iss } = scripted();
  const two = await registeredAs([scripted().registration(), { ...scripted().registration(), iss: `${iss}/2` }]);
  const unsaid = await new Browser().go(`${two.url}/launch`);
  expect([unsaid.status, reasonIn(unsaid)]).toEqual([400, 'iss-missing']);
});

test('an EHR that writes its base with a slash at the end is known all the same', async () => {
  const vincle = await registered();
  const answer = await new Browser().ask(
    `${vincle.url}/launch?iss=${encodeURIComponent(`${scripted().iss}/`)}&launch=x`,
  );
  expect(new URL(answer.headers.get('location') ?? '').searchParams.get('aud')).toBe(scripted().iss);
});

test('a hospital that says no is heard: nobody is let in, and what it wrote is repeated nowhere', async () => {
  const vincle = await registered();
  const { browser, request } = await begun(vincle, scripted(), { launch: 'x' });
  const arrived = await browser.go(
    `${vincle.url}/callback?error=access_denied&error_description=secret-of-the-server&state=${request.searchParams.get('state')}`,
  );
  expect([arrived.status, reasonIn(arrived)]).toEqual([403, 'authorization-access-denied']);
  expect(`${arrived.text}${vincle.log()}`).not.toContain('secret-of-the-server');
});

test.each([
  ['breaks the connection', 'cut' as const, 503, 'authorization-away'],
  ['fails', 500, 503, 'authorization-away'],
  ['refuses the code', 400, 401, 'token-invalid-grant'],
])('a token endpoint that %s lets nobody in, and says what to do', async (_what, status, answered, reason) => {
  const vincle = await registered();
  scripted().tokenStatus = status;
  const arrived = await launched(vincle, scripted());
  expect([arrived.status, reasonIn(arrived)]).toEqual([answered, reason]);
});
