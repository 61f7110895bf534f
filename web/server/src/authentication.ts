import { constants, createHash, verify, type KeyObject, type X509Certificate } from 'node:crypto';

import { factsOf, isValidAt, type CertificateFacts, type KeyUsage } from './certificates.js';
import { chainTo, readCertificate, type CertificateSource } from './chain.js';
import { fault, quoted, type Fault } from './faults.js';
import { isExpectedNonce, type NonceCheck } from './nonces.js';
import { asFields, isBase64 } from './proofs.js';

/** Web eID's authentication token, as `POST /v1/authenticate` and web-eid.js make it. */
export interface AuthenticationToken {
  unverifiedCertificate: string;
  algorithm: string;
  signature: string;
  format: string;
  appVersion: string;
}

export interface AuthenticationExpectation {
  /** The page's origin as the server itself knows it, never as the request says it. */
  origin: string;
  /** The challenge nonce. It does not travel in the token, so hand the very one that was made for this log-in, and forget it afterwards. */
  challengeNonce: string;
  /** Asked with the nonce where it is kept in a store: true once. Leave it out where the nonce was just taken out of the user's session. */
  useNonce?: Exclude<NonceCheck, string>;
  /** The roots that are recognised. Nothing is trusted by itself. */
  anchors: readonly CertificateSource[];
  /** Certificates between them and the person's; the token brings none. */
  intermediates?: readonly CertificateSource[];
  /** The bit that a certificate must have; `digitalSignature` is what RFC 5280 means for proving who one is. */
  keyUsage?: KeyUsage;
  /** Asked at last with the whole chain, leaf first. Without it **revocation is not checked**. */
  isRevoked?: (chain: readonly X509Certificate[]) => boolean | Promise<boolean>;
  now?: () => number;
}

export type AuthenticationVerdict = Fault | {
  ok: true;
  /** Of the person, verified up to an anchor. */
  certificate: X509Certificate;
  chain: X509Certificate[];
  commonName: string | null;
  algorithm: string;
};

const clientAuth = '1.3.6.1.5.5.7.3.2', anyPurpose = '2.5.29.37.0';
const curves: Record<string, string> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Whether the holder of a recognised certificate has answered this nonce for this origin. Who that is to the application, it must look up itself. */
export async function verifyAuthentication(token: unknown, expected: AuthenticationExpectation): Promise<AuthenticationVerdict> {
  const { origin, challengeNonce, useNonce, keyUsage = 'digitalSignature', isRevoked } = expected;
  const now = (expected.now ?? Date.now)();
  const isOurs = !useNonce || await isExpectedNonce(challengeNonce, useNonce);
  if (!isOurs) return fault('wrong-nonce', 'the challenge nonce is not ours, was used, or is too old');
  const nonceBytes = isBase64(challengeNonce) ? Buffer.from(challengeNonce, 'base64').length : 0;
  if (nonceBytes < 32) return fault('wrong-nonce', `the challenge nonce has ${nonceBytes} bytes, not 32 or more`);

  const said = asFields(token);
  if (!said) return fault('malformed', `the token is ${quoted(token)}, not an object`);
  const { unverifiedCertificate, algorithm, signature, format } = said as Partial<AuthenticationToken>;
  if (typeof format !== 'string' || !/^web-eid:1(\.\d+)?$/.test(format)) return fault('malformed', `format is ${quoted(format)}, not web-eid:1.…`);
  if (typeof algorithm !== 'string' || !/^(ES|RS|PS)(256|384|512)$/.test(algorithm)) return fault('malformed', `algorithm is ${quoted(algorithm)}`);
  if (!isBase64(signature)) return fault('malformed', `signature is ${quoted(signature)}`);
  const leaf = isBase64(unverifiedCertificate) ? readLeaf(unverifiedCertificate) : null;
  if (!leaf) return fault('malformed', `unverifiedCertificate is ${quoted(unverifiedCertificate)}, no certificate in DER`);

  const { certificate } = leaf;
  const about = `certificate ${quoted(certificate.subject.replaceAll('\n', ', '))}`;
  if (!isFor(algorithm, certificate.publicKey)) return fault('algorithm', `${algorithm} does not go with the key of ${about}`);
  if (!isSignedBy(certificate.publicKey, algorithm, Buffer.from(signature, 'base64'), origin, challengeNonce)) {
    return fault('bad-signature', `the signature does not fit origin ${origin} and the nonce, by the key of ${about}`);
  }
  if (!isValidAt(leaf, now)) return fault('not-valid-now', `${about} is valid from ${certificate.validFrom} to ${certificate.validTo}`);
  const unfit = whyUnfit(leaf, keyUsage);
  if (unfit) return fault('key-usage', `${about} ${unfit}`);
  if (leaf.unknownCritical !== null) return fault('untrusted', `${about} has the unknown critical extension ${leaf.unknownCritical}`);
  if (!leaf.strong) return fault('untrusted', `${about} has a weak key, or a weak signature of its issuer`);
  const chain = chainTo(expected.anchors.map(readCertificate), leaf, (expected.intermediates ?? []).map(readCertificate), now);
  if (!chain) return fault('untrusted', `no path leads from ${about} to one of ${expected.anchors.length} anchors`);
  if (await isRevoked?.(chain)) return fault('revoked', `${about} is revoked`);
  return { ok: true, certificate, chain, commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? null, algorithm };
}

function readLeaf(der: string): CertificateFacts | null {
  try {
    const certificate = readCertificate(der);
    return certificate.raw.toString('base64') === der ? factsOf(certificate) : null;
  } catch {
    return null;
  }
}

function whyUnfit({ isCa, keyUsage, extendedKeyUsage }: CertificateFacts, wanted: KeyUsage): string | null {
  if (isCa) return 'belongs to a certification authority';
  if (!keyUsage?.has(wanted)) return `lacks key usage ${wanted}`;
  const namesOthers = extendedKeyUsage?.every((purpose) => purpose !== clientAuth && purpose !== anyPurpose);
  return namesOthers ? 'has extended key usages, and client authentication is not among them' : null;
}

function isFor(algorithm: string, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (algorithm.startsWith('E')) return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curves[algorithm];
  return asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss' && algorithm.startsWith('P');
}

function isSignedBy(key: KeyObject, algorithm: string, signature: Buffer, origin: string, challengeNonce: string): boolean {
  const hash = `sha${algorithm.slice(2)}`;
  const message = Buffer.concat([origin, challengeNonce].map((text) => createHash(hash).update(text).digest()));
  const form = {
    E: { dsaEncoding: 'ieee-p1363' as const },
    R: { padding: constants.RSA_PKCS1_PADDING },
    P: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  }[algorithm[0] as 'E' | 'R' | 'P'];
  try {
    return verify(hash, message, { key, ...form }, signature);
  } catch {
    return false; // an RSA-PSS key may forbid this hash
  }
}
