import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startHapi } from './rig/hapi.ts';

test('a HAPI with public keys gives each SMART system scope what it names, and a foreign key nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-jwks-'));
  const [own, foreign] = await Promise.all([generateKeyPair('ES384'), generateKeyPair('ES384')]);
  const jwks = join(folder, 'jwks.json');
  const publicKey = { ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'ES384', use: 'sig' };
  writeFileSync(jwks, JSON.stringify({ keys: [publicKey] }));
  const token = (key: Parameters<SignJWT['sign']>[0], scope: string) =>
    new SignJWT({ scope }).setProtectedHeader({ alg: 'ES384', kid: 'k1' }).setExpirationTime('5m').sign(key);
  const hapi = await startHapi({ database: 'h2', jwks });
  const status = async (bearer: string, method: string, path: string, body?: object) => {
    const answer = await fetch(`${hapi.baseUrl}/${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/fhir+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const basic = { resourceType: 'Basic', id: 'x', code: { text: 'synthetic' } };
  const entry = [{ resource: basic, request: { method: 'PUT', url: 'Basic/x' } }];
  const write = await token(own.privateKey, 'system/Basic.cruds');
  const read = await token(own.privateKey, 'system/*.rs');
  expect(await status(write, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).toBe(200);
  expect(await status(read, 'GET', 'Basic/x')).toBe(200);
  expect(await status(read, 'PUT', 'Basic/x', { ...basic, code: { text: 'changed' } })).toBe(403);
  expect(await status(write, 'PUT', 'Group/g', { resourceType: 'Group', id: 'g', type: 'person', actual: true })).toBe(
    403,
  );
  expect(await status(read, 'DELETE', 'Basic/x')).toBe(403);
  expect(await status(write, 'DELETE', 'Basic/x')).toBe(200);
  expect(await status(await token(foreign.privateKey, 'system/*.*'), 'GET', 'Basic/x')).toBe(401);
  await hapi.stop();
  rmSync(folder, { recursive: true });
});
