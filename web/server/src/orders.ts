import { createPrivateKey, KeyObject, randomBytes, sign } from 'node:crypto';

export interface OrderOptions {
  /** The private key whose public half stands in the city's registry: Ed25519, or ECDSA on P-256. PEM, or a KeyObject. */
  key: KeyObject | string | Buffer;
  origin: string;
  /** The user as this application knows them; the person is shown it. At most 200 bytes. */
  user: string;
  purpose: string;
  taskKind: string;
  /** Hex SHA-256 of each document (of a RAW item its hash), in the order of the request; what the server itself knows, not what the page says. */
  documents: readonly string[];
  /** Hex SHA-256 of the certificate that must sign. */
  certificate?: string;
  /** Seconds, at most 300. */
  lifetime?: number;
  now?: () => number;
}

const sha256 = /^[0-9a-f]{64}$/;
/** Of a RAW item also SHA-384 and SHA-512. */
const hash = /^([0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/;

/** One order for one request, as a compact JWS. A fault of the caller is a TypeError: an order that the agent would refuse is not worth making. */
export function makeOrder(options: OrderOptions): string {
  const { origin, user, purpose, taskKind, documents, certificate, lifetime = 300, now = Date.now } = options;
  const key = options.key instanceof KeyObject ? options.key : createPrivateKey(options.key);
  const alg = orderAlgorithm(key);
  const isOrigin = /^https:\/\/[^/?#@\s]+$/.test(origin) && new URL(origin).origin === origin;
  demand(isOrigin, `origin "${origin}" is not one as browsers write it, like https://e.example`);
  demand(typeof user === 'string' && user.length > 0 && Buffer.byteLength(user) <= 200, 'user must have 1 to 200 bytes');
  for (const [name, value] of Object.entries({ purpose, taskKind })) demand(Boolean(value), `${name} must be a word of the city's profile`);
  demand(documents.length > 0, 'documents must not be empty');
  for (const one of documents) demand(hash.test(one), `documents: "${one}" is no SHA-256 in small hex digits`);
  demand(certificate === undefined || sha256.test(certificate), `certificate "${certificate}" is no SHA-256 in small hex digits`);
  demand(Number.isInteger(lifetime) && lifetime > 0 && lifetime <= 300, 'lifetime must be 1 to 300 seconds');

  const iat = Math.floor(now() / 1000);
  const payload = {
    iss: origin, aud: 'jurukunci', sub: user, iat, exp: iat + lifetime, jti: randomBytes(16).toString('base64url'),
    purpose, taskKind, documents, ...(certificate !== undefined && { certificate }),
  };
  const input = [{ alg, typ: 'jurukunci-order+jws' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = alg === 'EdDSA' ? sign(null, Buffer.from(input), key) : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** Which of the two algorithms a key is for. */
export function orderAlgorithm(key: KeyObject): 'EdDSA' | 'ES256' {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  throw new TypeError(`orders are signed with Ed25519 or ECDSA on P-256, not with ${asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType}`);
}

function demand(holds: boolean, fault: string): void {
  if (!holds) throw new TypeError(fault);
}
