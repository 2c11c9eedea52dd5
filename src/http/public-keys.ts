import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';

/**
 * The public half of the key that signs client assertions, for `/.well-known/jwks.json`.
 * @param file JWK or PKCS #8 PEM with an RSA or P-384 key
 * @throws Error where the file holds no such key
 */
export async function publicKeysOf(file: string, keyId?: string): Promise<readonly JWK[]> {
  const text = await readFile(file, 'utf8');
  const jwk = text.trimStart().startsWith('{') ? (JSON.parse(text) as JsonWebKey) : undefined;
  const key = createPrivateKey(jwk === undefined ? text : { key: jwk, format: 'jwk' });
  const own = jwk !== undefined && 'kid' in jwk && typeof jwk.kid === 'string' ? jwk.kid : undefined;
  const kid = keyId ?? own;
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS384' : 'ES384';
  const half: object = createPublicKey(key).export({ format: 'jwk' });
  return [{ ...half, alg, use: 'sig', key_ops: ['verify'], ...(kid === undefined ? {} : { kid }) }];
}
