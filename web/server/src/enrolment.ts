import { createHash } from 'node:crypto';

import { fault, quoted, type Fault } from './faults.js';
import { isExpectedNonce, type NonceCheck } from './nonces.js';
import { asFields, isSigned, malformedField, type AgentWords, type Proof } from './proofs.js';
import { isOlder } from './versions.js';

/** What the page hands on: the `EnrolmentEvidence` of `@jurukunci/client`. */
export interface EnrolmentEvidence extends AgentWords {
  proof: Proof;
}

export interface EnrolmentExpectation {
  /** The page's origin as the server itself knows it, never as the request says it. */
  origin: string;
  nonce: NonceCheck;
  minimumVersion?: string;
  environment?: 'uji' | 'produksi';
  ports?: readonly number[];
}

export type EnrolmentVerdict = Fault | {
  ok: true;
  /** Keep this for the user, next to the keys of their other computers. */
  publicKey: string;
  code: string;
  version: string;
  environment: 'uji' | 'produksi';
};

/** The six digits that the page and the agent's window show. */
export function enrolmentCode({ origin, nonce, publicKey }: { origin: string; nonce: string; publicKey: string }): string {
  const digest = createHash('sha256').update(['jurukunci-code-v1', origin, nonce, publicKey].join('\n')).digest();
  return String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
}

/**
 * Whether a person has confirmed this agent's key. The code is not taken from the page but worked out again, because it is what binds the key that
 * is to be kept to the one whose code the person has compared.
 */
export async function checkEnrolment(evidence: unknown, expected: EnrolmentExpectation): Promise<EnrolmentVerdict> {
  const said = asFields(evidence);
  if (!said) return fault('malformed', `the evidence is ${quoted(evidence)}, not an object`);
  const fresh = typeof said['nonce'] === 'string' && await isExpectedNonce(said['nonce'], expected.nonce);
  const wrong = malformedField(said);
  if (wrong !== null) return fault('malformed', `${wrong} is ${quoted(said[wrong])}`);
  const { proof, nonce, port, version, environment } = said as unknown as EnrolmentEvidence;
  if (!fresh) return fault('wrong-nonce', `nonce ${quoted(nonce)} was not made here, or was used, or is too old`);
  const { origin, minimumVersion } = expected;
  const { publicKey } = proof;
  const code = enrolmentCode({ origin, nonce, publicKey });
  const lines = ['jurukunci-enrolment-v1', origin, port, nonce, version, environment, code];
  if (!isSigned(lines, proof)) return fault('bad-signature', `the proof does not fit ${quoted(lines)}`);
  if (expected.ports && !expected.ports.includes(port)) return fault('wrong-port', `port ${port} is none of ${expected.ports.join(', ')}`);
  const wanted = expected.environment ?? environment;
  if (wanted !== environment) return fault('wrong-environment', `environment is ${environment}, not ${wanted}`);
  if (minimumVersion && isOlder(version, minimumVersion)) return fault('outdated', `agent ${version} is older than ${minimumVersion}`);
  return { ok: true, publicKey, code, version, environment };
}
