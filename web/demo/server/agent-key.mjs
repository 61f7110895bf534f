import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
const shapes = {
  nonce: base64,
  version: /^[0-9A-Za-z.+-]{1,32}$/,
  environment: /^(uji|produksi)$/,
  expiresAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
};

/**
 * The device key of the official's agent. The demo has one official, so it keeps one key, and takes the first it sees for
 * the right one; enrolment, where the person compares a code, comes with POST /v1/enrolments. A real application keeps a
 * key for each official and computer, and says so in its own account pages.
 */
export class AgentKey {
  #file;

  constructor(file) {
    this.#file = file;
  }

  /** Whether the agent signed the opening of this session, and whether it is the one seen before. */
  check(evidence, origin) {
    const no = { ok: false, known: false };
    if (!isSigned(evidence, origin)) return no;
    const { publicKey } = evidence.proof;
    const known = this.#known();
    if (known === null) {
      writeFileSync(this.#file, `${JSON.stringify({ publicKey, since: new Date().toISOString() })}\n`, { flag: 'wx', mode: 0o600 });
      return { ok: true, known: false };
    }
    return known === publicKey ? { ok: true, known: true } : no;
  }

  #known() {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')).publicKey;
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw error; // a damaged file must not be taken for a first sight
    }
  }
}

/** The lines are those of docs/protocol/http.md; the shapes keep a field from bringing a line of its own. */
function isSigned({ proof, port, ...said }, origin) {
  for (const [field, shape] of Object.entries(shapes)) if (typeof said[field] !== 'string' || !shape.test(said[field])) return false;
  if (!Number.isInteger(port) || Date.parse(said.expiresAt) < Date.now()) return false;
  if (proof?.algorithm !== 'Ed25519' || !base64.test(proof.publicKey) || !base64.test(proof.signature)) return false;
  const lines = ['jurukunci-session-v1', origin, port, said.nonce, said.version, said.environment, said.expiresAt];
  try {
    const key = createPublicKey({ key: Buffer.from(proof.publicKey, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(lines.join('\n')), key, Buffer.from(proof.signature, 'base64'));
  } catch {
    return false; // no key at all
  }
}
