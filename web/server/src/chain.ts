import { X509Certificate } from 'node:crypto';

import { factsOf, isValidAt, type CertificateFacts } from './certificates.js';

/** DER, base64 of it, PEM, or what Node made of one of them. */
export type CertificateSource = X509Certificate | Buffer | string;

const deepest = 8;

export function readCertificate(source: CertificateSource): X509Certificate {
  if (source instanceof X509Certificate) return source;
  return new X509Certificate(typeof source === 'string' && !source.includes('-----') ? Buffer.from(source, 'base64') : source);
}

/** From the leaf to an anchor, both included; null where no path exists. Checks signatures, CA flags, usage, path lengths, strength and validity. */
export function chainTo(
  anchors: readonly X509Certificate[], leaf: CertificateFacts, intermediates: readonly X509Certificate[], now: number,
): X509Certificate[] | null {
  const isAnchor = ({ certificate }: CertificateFacts) => anchors.some(({ raw }) => raw.equals(certificate.raw));
  const issuers = [...anchors, ...intermediates].map(factsOf);
  const climb = (path: CertificateFacts[]): CertificateFacts[] | null => {
    const top = path.at(-1)!;
    if (path.length > 1 && isAnchor(top)) return path;
    if (path.length > deepest) return null;
    for (const issuer of issuers) {
      const below = path.length - 1; // certificates of CAs between the issuer and the leaf
      const isNew = !path.some(({ certificate }) => certificate.raw.equals(issuer.certificate.raw));
      const fits = issuer.isCa && issuer.pathLength >= below && issuer.keyUsage?.has('keyCertSign') !== false && issuer.unknownCritical === null
        && (issuer.strong || isAnchor(issuer)) && isValidAt(issuer, now) && isNew;
      if (!fits || !top.certificate.checkIssued(issuer.certificate) || !top.certificate.verify(issuer.certificate.publicKey)) continue;
      const found = climb([...path, issuer]);
      if (found) return found;
    }
    return null;
  };
  return climb([leaf])?.map(({ certificate }) => certificate) ?? null;
}
