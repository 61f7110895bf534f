/** Web eID carries ECDSA signatures as r and s side by side, the agent's RAW signatures are ECDSA-Sig-Value in DER. */

/** The object identifiers of the curves in DER, and how long r and s are. They stand in the certificate once, with its public key. */
const curves: readonly (readonly [string, number])[] = [
  ['06082a8648ce3d030107', 32], // P-256
  ['06052b81040022', 48], // P-384
  ['06052b81040023', 66], // P-521
];

export function curveBytes(certificate: string): number {
  const der = Array.from(atob(certificate), (sign) => sign.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return curves.find(([oid]) => der.includes(oid))?.[1] ?? 0;
}

export function sideBySide(der: string, length: number): string {
  const bytes = Uint8Array.from(atob(der), (sign) => sign.charCodeAt(0));
  let at = bytes[1]! > 0x80 ? 3 : 2; // behind the SEQUENCE; one of 128 bytes or more says its length in a second byte
  const both = new Uint8Array(2 * length);
  for (const end of [length, 2 * length]) {
    const size = bytes[at + 1]!;
    let number = bytes.subarray(at + 2, at + 2 + size);
    while (number.length > length) number = number.subarray(1); // the zero in front of a number that would look negative
    both.set(number, end - number.length);
    at += 2 + size;
  }
  return btoa(String.fromCharCode(...both));
}
