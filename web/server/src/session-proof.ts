import { fault, quoted, type Fault } from './faults.js';
import { isExpectedNonce, type NonceCheck } from './nonces.js';
import { asFields, isSigned, malformedField, type AgentWords, type Proof } from './proofs.js';
import { isOlder } from './versions.js';

/** What the page hands on: the `SessionEvidence` of `@jurukunci/client`. */
export interface SessionEvidence extends AgentWords {
  proof: Proof;
  expiresAt: string;
}

export interface SessionExpectation {
  /** The page's origin as the server itself knows it, never as the request says it. */
  origin: string;
  nonce: NonceCheck;
  /** The keys that this user's computers have enrolled with. */
  publicKeys: readonly string[];
  /** Older agents are refused. */
  minimumVersion?: string;
  /** Only this one, where it is named. */
  environment?: 'uji' | 'produksi';
  /** Only these, where they are named; 17845 to 17849 where everybody uses the usual ones. */
  ports?: readonly number[];
  now?: () => number;
}

export type SessionVerdict = Fault | {
  ok: true;
  /** Which of the keys it was. */
  publicKey: string;
  version: string;
  environment: 'uji' | 'produksi';
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Whether the agent that the page talks to is one that this user has enrolled. */
export async function checkSessionProof(evidence: unknown, expected: SessionExpectation): Promise<SessionVerdict> {
  const said = asFields(evidence);
  if (!said) return fault('malformed', `the evidence is ${quoted(evidence)}, not an object`);
  // first, so that a nonce is spent by every attempt
  const fresh = typeof said['nonce'] === 'string' && await isExpectedNonce(said['nonce'], expected.nonce);
  const wrong = malformedField(said) ?? (typeof said['expiresAt'] === 'string' && time.test(said['expiresAt']) ? null : 'expiresAt');
  if (wrong !== null) return fault('malformed', `${wrong} is ${quoted(said[wrong])}`);
  const { proof, nonce, port, version, environment, expiresAt } = said as unknown as SessionEvidence;
  if (!fresh) return fault('wrong-nonce', `nonce ${quoted(nonce)} was not made here, or was used, or is too old`);
  if (!expected.publicKeys.includes(proof.publicKey)) return fault('unknown-agent', `key ${quoted(proof.publicKey)} is not enrolled for this user`);
  const lines = ['jurukunci-session-v1', expected.origin, port, nonce, version, environment, expiresAt];
  if (!isSigned(lines, proof)) return fault('bad-signature', `the proof does not fit ${quoted(lines)}`);
  if (expected.ports && !expected.ports.includes(port)) return fault('wrong-port', `port ${port} is none of ${expected.ports.join(', ')}`);
  const wanted = expected.environment ?? environment;
  if (wanted !== environment) return fault('wrong-environment', `environment is ${environment}, not ${wanted}`);
  if (!(Date.parse(expiresAt) > (expected.now ?? Date.now)())) return fault('expired', `the session ended at ${expiresAt}`);
  const { minimumVersion } = expected;
  if (minimumVersion && isOlder(version, minimumVersion)) return fault('outdated', `agent ${version} is older than ${minimumVersion}`);
  return { ok: true, publicKey: proof.publicKey, version, environment };
}
