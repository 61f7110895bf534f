import type { Agent } from './discovery.js';
import { JurukunciError, type Language } from './errors.js';
import { asJson, asNothing, ask } from './http.js';
import { repeatedly } from './lost-answers.js';
import { isYes, reasonOf, type ServerAnswer } from './session.js';
import { orAbort } from './waiting.js';
import type { Enrolment, EnrolmentState, Environment, Proof } from './wire.js';

/** All that the application's server needs to check an enrolment, but the origin: that it must know by itself. */
export interface EnrolmentEvidence {
  proof: Proof;
  nonce: string;
  port: number;
  version: string;
  environment: Environment;
}

export interface EnrolOptions {
  /** Fetches a fresh nonce that the application's server made. */
  nonce: () => Promise<string>;
  /** Show these six digits, and ask the person to press "Sama" in the agent's window only where the window shows the same. */
  onCode: (code: string) => void;
  /** Has the application's server check the evidence and keep the key for the user who is logged in. */
  checkEnrolment: (evidence: EnrolmentEvidence) => Promise<ServerAnswer>;
  onProgress?: (state: EnrolmentState) => void;
  language?: Language;
  /** Aborting closes the agent's window. */
  signal?: AbortSignal;
  /** Of this page; only tests have another one. */
  origin?: string;
  /** Milliseconds to wait before each repetition of a poll whose answer was lost. */
  repeatAfter?: readonly number[];
}

export interface Enrolled {
  publicKey: string;
  code: string;
}

/**
 * Makes the agent of this computer known to the application's server: once for each user and computer. Throws where the person said no or did not
 * answer, where the answers do not fit together, and where the server refused.
 */
export async function enrol(agent: Agent, options: EnrolOptions): Promise<Enrolled> {
  const { port, version, environment } = agent;
  const { signal, language = 'id' } = options;
  const nonce = await orAbort(options.nonce(), signal);
  // not abortable: an enrolment whose answer was thrown away could not be closed
  const call = { method: 'POST', json: { nonce }, language, deadline: 10_000 } as const;
  const begun = toEnrolment(await ask(port, '/v1/enrolments', call, asJson<unknown>), language);
  const notTheAgent = (detail: string) => JurukunciError.local('L-BUKTI-DITOLAK', { language, detail: `port ${port}: ${detail}` });
  const path = `/v1/enrolments/${encodeURIComponent(begun.id)}`;
  try {
    const { publicKey } = begun;
    const code = await enrolmentCode(options.origin ?? location.origin, nonce, publicKey);
    // a program that shows the code of another key than the one it hands out
    if (begun.code !== code) throw notTheAgent(`code ${begun.code} instead of ${code}`);
    signal?.throwIfAborted();
    options.onCode(code);
    const ended = await follow(begun, path, port, options);
    if (ended.state !== 'confirmed') {
      throw JurukunciError.fromWire(ended.error) ?? JurukunciError.local('L-TIDAK-DIDAFTARKAN', { language, detail: ended.state });
    }
    const { proof } = ended;
    // the code that the person compared speaks of this key and of no other
    if (proof?.publicKey !== publicKey) throw notTheAgent('another key than at the beginning');
    const answer = await orAbort(options.checkEnrolment({ proof, nonce, port, version, environment }), signal);
    if (!isYes(answer)) throw notTheAgent(reasonOf(answer));
    return { publicKey, code };
  } catch (error) {
    // whatever stopped us, the window must not stay, nor stand in the way of the next attempt; where it is closed already this changes nothing
    await ask(port, path, { method: 'DELETE', language, deadline: 2_000 }, asNothing).catch(() => {});
    throw error;
  }
}

/** The six digits of docs/protocol/http.md, as page, agent and server work them out. */
export async function enrolmentCode(origin: string, nonce: string, publicKey: string): Promise<string> {
  const text = new TextEncoder().encode(['jurukunci-code-v1', origin, nonce, publicKey].join('\n'));
  const number = new DataView(await crypto.subtle.digest('SHA-256', text)).getBigUint64(0);
  return String(number % 1_000_000n).padStart(6, '0');
}

async function follow(begun: Enrolment, path: string, port: number, options: EnrolOptions): Promise<Enrolment> {
  const { signal, onProgress, language = 'id' } = options;
  let current = begun;
  onProgress?.(current.state);
  while (current.state === 'preparing' || current.state === 'waiting_consent') {
    const { state, revision } = current;
    const poll = () => ask(port, `${path}?wait=30&seen=${revision}`, { language, signal }, asJson<unknown>);
    current = toEnrolment(await repeatedly(poll, options.repeatAfter, signal), language);
    if (current.state !== state) onProgress?.(current.state);
  }
  return current;
}

function toEnrolment(answer: unknown, language: Language): Enrolment {
  const { enrolment = answer as Enrolment } = (answer ?? {}) as { enrolment?: Enrolment }; // wrapped where it begins, bare where it is polled
  const { id, state, publicKey, revision } = enrolment ?? {};
  if (!enrolment || [id, state, publicKey].some((one) => typeof one !== 'string') || typeof revision !== 'number') {
    throw JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { language, detail: 'no enrolment' });
  }
  return enrolment;
}
