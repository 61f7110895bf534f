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
  onCode?: (code: string) => void;
  /**
   * Asks the person **in the page** whether the agent's window shows this code: true for yes, false for another code or no window at all. Called once,
   * beside `onCode`; the signal says that the answer is not needed any more. Without it the browser's own `confirm` asks, once the agent has answered.
   *
   * The agent's yes is not enough: a program that only sits on the port has no window, and says by itself that it was confirmed.
   */
  compared?: (code: string, call: { signal: AbortSignal }) => boolean | Promise<boolean>;
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
 * Makes the agent of this computer known to the application's server: once for each user and computer, after the person has said yes in the agent's
 * window and in the page. Throws where they said no or did not answer, where the answers do not fit together, and where the server refused.
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
  const end = new AbortController();
  const stop = () => end.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    const { publicKey } = begun;
    const code = await enrolmentCode(options.origin ?? location.origin, nonce, publicKey);
    // a program that shows the code of another key than the one it hands out
    if (begun.code !== code) throw notTheAgent(`code ${begun.code} instead of ${code}`);
    signal?.throwIfAborted();
    options.onCode?.(code);
    const agreed = options.compared && Promise.resolve(options.compared(code, { signal: end.signal }));
    const proof = await confirmed(begun, agreed, { path, port, options: { ...options, signal: end.signal } });
    // the code that the person compared speaks of this key and of no other
    if (proof?.publicKey !== publicKey) throw notTheAgent('another key than at the beginning');
    const same = agreed ? await orAbort(agreed, signal) : globalThis.confirm?.(question[language](code));
    if (same !== true) throw differs(language);
    const answer = await orAbort(options.checkEnrolment({ proof, nonce, port, version, environment }), signal);
    if (!isYes(answer)) throw notTheAgent(reasonOf(answer));
    return { publicKey, code };
  } catch (error) {
    // whatever stopped us, the window must not stay, nor stand in the way of the next attempt; where it is closed already this changes nothing
    await ask(port, path, { method: 'DELETE', language, deadline: 2_000 }, asNothing).catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    end.abort();
  }
}

/** The agent's yes, or a no of whoever is first: that of the person in the page need not wait for an agent that may be none. */
async function confirmed(
  begun: Enrolment, agreed: Promise<boolean> | undefined, { path, port, options }: { path: string; port: number; options: EnrolOptions },
): Promise<Proof | null> {
  const { language = 'id' } = options;
  const refused = agreed?.then((same) => (same === true ? new Promise<never>(() => {}) : Promise.reject(differs(language))));
  const ended = await Promise.race([follow(begun, path, port, options), ...(refused ? [refused] : [])]);
  if (ended.state === 'confirmed') return ended.proof;
  throw JurukunciError.fromWire(ended.error) ?? JurukunciError.local('L-TIDAK-DIDAFTARKAN', { language, detail: ended.state });
}

function differs(language: Language): JurukunciError {
  return JurukunciError.local('L-KODE-BERBEDA', { language });
}

/** As the agent's window shows it. */
const grouped = (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`;

const question: Record<Language, (code: string) => string> = {
  id: (code) => `Apakah jendela Jurukunci tadi menampilkan kode ${grouped(code)}? Pilih "Batal" bila kodenya lain atau tidak ada jendela.`,
  en: (code) => `Did the Jurukunci window show the code ${grouped(code)}? Choose "Cancel" if it showed another one, or if there was no window.`,
};

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
