/** One element of DER, as far as certificates need it. */
export interface Element {
  tag: number;
  content: Buffer;
}

/** The elements side by side in `der`. Throws where the lengths do not fit; OpenSSL has read the certificate before, so that is an attack. */
export function elements(der: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at++]!;
    const first = der[at++] ?? 0x80; // 0x80, the indefinite length, is none in DER
    let length = first;
    if (first > 0x80) {
      const bytes = first & 0x7f;
      if (bytes > 4 || at + bytes > der.length) throw new RangeError('DER: a length that does not fit');
      length = der.readUIntBE(at, bytes);
      at += bytes;
    }
    if (first === 0x80 || at + length > der.length) throw new RangeError('DER: an element that does not fit');
    found.push({ tag, content: der.subarray(at, at += length) });
  }
  return found;
}

export const BOOLEAN = 0x01, INTEGER = 0x02, BIT_STRING = 0x03, OBJECT_IDENTIFIER = 0x06;
const EXTENSIONS = 0xa3;

/** Like 2.5.29.15. */
export function oidText(content: Buffer): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const first = arc < 80n ? arc / 40n : 2n;
      arcs.push(first, arc - first * 40n);
    } else {
      arcs.push(arc);
    }
    arc = 0n;
  }
  return arcs.join('.');
}

/** The extensions of a certificate by their OID. */
export function extensionsOf(certificate: Buffer): Map<string, { critical: boolean; value: Buffer }> {
  const [whole] = elements(certificate);
  const [toBeSigned] = elements(whole!.content);
  const extensions = elements(toBeSigned!.content).find(({ tag }) => tag === EXTENSIONS);
  const found = new Map<string, { critical: boolean; value: Buffer }>();
  if (!extensions) return found;
  for (const { content } of elements(elements(extensions.content)[0]!.content)) {
    const parts = elements(content);
    const oid = oidText(parts[0]!.content);
    if (found.has(oid)) throw new RangeError(`certificate: extension ${oid} twice`);
    found.set(oid, { critical: parts[1]?.tag === BOOLEAN && parts[1].content[0] !== 0, value: parts.at(-1)!.content });
  }
  return found;
}

/** The OID of the algorithm that the issuer signed with. */
export function signatureOidOf(certificate: Buffer): string {
  const [, algorithm] = elements(elements(certificate)[0]!.content);
  return oidText(elements(algorithm!.content)[0]!.content);
}
