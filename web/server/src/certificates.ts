import { X509Certificate } from 'node:crypto';

import { BIT_STRING, BOOLEAN, elements, extensionsOf, INTEGER, oidText, signatureOidOf } from './der.js';

/** Of RFC 5280 4.2.1.3, the three that we ask for. */
const usageBits = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5 } as const;
export type KeyUsage = keyof typeof usageBits;

const keyUsage = '2.5.29.15', basicConstraints = '2.5.29.19', extendedKeyUsage = '2.5.29.37';
/** What is understood or says nothing that could forbid; any other critical extension makes a certificate unusable (RFC 5280 4.2). */
const understood = new Set([keyUsage, basicConstraints, extendedKeyUsage, '2.5.29.32', '2.5.29.17', '2.5.29.14', '2.5.29.35']);
/** RSA PKCS#1 v1.5 and ECDSA with SHA-256, 384, 512; RSA-PSS; Ed25519. Nothing with SHA-1. */
const strongSignatures = /^1\.2\.840\.113549\.1\.1\.1[0-3]$|^1\.2\.840\.10045\.4\.3\.[234]$|^1\.3\.101\.112$/;

/** What is read of a certificate once and asked about often. */
export interface CertificateFacts {
  certificate: X509Certificate;
  isCa: boolean;
  pathLength: number;
  /** Null where the certificate does not limit it. */
  keyUsage: Set<KeyUsage> | null;
  extendedKeyUsage: string[] | null;
  unknownCritical: string | null;
  strong: boolean;
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const extensions = extensionsOf(certificate.raw);
  const constraints = elements(extensions.get(basicConstraints)?.value ?? Buffer.alloc(0))[0];
  const [ca, length] = constraints ? elements(constraints.content) : [];
  const isCa = ca?.tag === BOOLEAN && ca.content[0] !== 0;
  const purposes = extensions.get(extendedKeyUsage);
  return {
    certificate,
    isCa,
    pathLength: isCa && length?.tag === INTEGER ? length.content.readUIntBE(0, Math.min(length.content.length, 6)) : Infinity,
    keyUsage: readUsage(extensions.get(keyUsage)?.value),
    extendedKeyUsage: purposes ? elements(elements(purposes.value)[0]!.content).map(({ content }) => oidText(content)) : null,
    unknownCritical: [...extensions].find(([oid, { critical }]) => critical && !understood.has(oid))?.[0] ?? null,
    strong: strongSignatures.test(signatureOidOf(certificate.raw)) && isStrongKey(certificate),
  };
}

export function isValidAt({ certificate }: CertificateFacts, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

function readUsage(value: Buffer | undefined): Set<KeyUsage> | null {
  if (!value) return null;
  const bits = elements(value)[0];
  if (bits?.tag !== BIT_STRING) return new Set();
  const has = (bit: number) => ((bits.content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  return new Set((Object.keys(usageBits) as KeyUsage[]).filter((name) => has(usageBits[name])));
}

function isStrongKey({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  if (asymmetricKeyType === 'ec') return ['prime256v1', 'secp384r1', 'secp521r1'].includes(asymmetricKeyDetails?.namedCurve ?? '');
  return asymmetricKeyType === 'ed25519';
}
