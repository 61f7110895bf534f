import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** As the agent sends it with a session and with a confirmed enrolment. */
export interface Proof {
  algorithm: 'Ed25519';
  /** SubjectPublicKeyInfo, DER, base64. */
  publicKey: string;
  signature: string;
}

/** Standard base64 with padding, in its one spelling: a second spelling of a kept key would be a key that nobody knows. */
export function isBase64(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 16_384 && Buffer.from(value, 'base64').toString('base64') === value;
}

/** What every proof says about the agent. The shapes keep a field from bringing a line of its own. */
export interface AgentWords {
  nonce: string;
  port: number;
  version: string;
  environment: 'uji' | 'produksi';
}

const shapes: Record<Exclude<keyof AgentWords, 'port' | 'nonce'>, RegExp> = {
  version: /^[0-9A-Za-z.+-]{1,32}$/,
  environment: /^(uji|produksi)$/,
};

/** The name of the first field that is not what the protocol says, or null. */
export function malformedField(said: Record<string, unknown>): string | null {
  if (!isBase64(said['nonce'])) return 'nonce';
  const { port } = said;
  if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65535) return 'port';
  for (const [field, shape] of Object.entries(shapes)) {
    const value = said[field];
    if (typeof value !== 'string' || !shape.test(value)) return field;
  }
  const proof = said['proof'] as Partial<Proof> | null | undefined;
  if (typeof proof !== 'object' || proof === null || proof.algorithm !== 'Ed25519') return 'proof';
  return isBase64(proof.publicKey) && isBase64(proof.signature) ? null : 'proof';
}

export function isSigned(lines: readonly (string | number)[], { publicKey, signature }: Proof): boolean {
  const key = ed25519Key(publicKey);
  return key !== null && verify(null, Buffer.from(lines.join('\n')), key, Buffer.from(signature, 'base64'));
}

function ed25519Key(publicKey: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    // the export is compared because bytes behind the key would be a second spelling of it
    const { asymmetricKeyType } = key;
    return asymmetricKeyType === 'ed25519' && key.export({ format: 'der', type: 'spki' }).toString('base64') === publicKey ? key : null;
  } catch {
    return null; // no key at all
  }
}

/** The page's body, whatever it is, as something that has fields. */
export function asFields(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
}
