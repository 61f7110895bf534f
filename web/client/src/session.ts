import { hello, type Agent } from './discovery.js';
import { JurukunciError, type Language } from './errors.js';
import { asBlob, asJson, ask, asNothing, type Call, type Read } from './http.js';
import { repeatedly } from './lost-answers.js';
import { orAbort } from './waiting.js';
import type { Environment, Proof } from './wire.js';

/** All that the application's server needs to check the proof, but the origin: that it must know by itself. */
export interface SessionEvidence {
  proof: Proof;
  nonce: string;
  port: number;
  version: string;
  environment: Environment;
  expiresAt: string;
}

/**
 * What the application's server says to a proof: yes or no, or the verdict of `@jurukunci/server` as it is. A reason helps: `unknown-agent` is an
 * agent that has not been enrolled, `outdated` one that the server finds too old, everything else an impostor.
 */
export type ServerAnswer = boolean | { ok: boolean; reason?: string };

export interface SessionOptions {
  /** Fetches a fresh nonce (16 to 64 bytes, base64) that the application's server made; asked again for every renewal. */
  nonce: () => Promise<string>;
  /** Has the application's server check the evidence; a no refuses the agent before it sees anything else. */
  checkProof: (evidence: SessionEvidence) => Promise<ServerAnswer>;
  /** Of the sentences for the person. Without it they come in Indonesian, whatever the browser prefers. */
  language?: Language;
  signal?: AbortSignal;
  /** Milliseconds to wait before each repetition of a call whose answer was lost. */
  repeatAfter?: readonly number[];
}

export interface SessionCall extends Pick<Call, 'method' | 'json' | 'bytes' | 'language' | 'signal' | 'deadline'> {
  /** The agent answers a repetition like the first call, so it may be sent again when the answer was lost. */
  repeatable?: boolean;
}

export interface Opened {
  agent: Agent;
  token: string;
  expiresAt: string;
  proof: Proof;
}

/** What the same session in two languages has in common. */
interface Shared {
  opened: Opened;
  renewal: Promise<void> | null;
}

/** With the agent of one port, or not at all. `connect` tries them all. */
export async function openSession(agent: Agent, options: SessionOptions): Promise<Session> {
  return new Session(await open(agent, options, options.signal), options);
}

/** A conversation with a proven agent. It renews itself when the agent has forgotten it. */
export class Session {
  readonly #shared: Shared;
  readonly #options: SessionOptions;

  /** Use `connect` or `openSession`. */
  constructor(opened: Opened | Shared, options: SessionOptions) {
    this.#shared = 'opened' in opened ? opened : { opened, renewal: null };
    this.#options = options;
  }

  get agent(): Agent { return this.#shared.opened.agent; }
  get token(): string { return this.#shared.opened.token; }
  get expiresAt(): string { return this.#shared.opened.expiresAt; }
  get proof(): Proof { return this.#shared.opened.proof; }
  get language(): Language { return this.#options.language ?? 'id'; }

  /** The same session with sentences in another language. */
  in(language: Language): Session {
    return language === this.language ? this : new Session(this.#shared, { ...this.#options, language });
  }

  json<T>(path: string, call: SessionCall = {}): Promise<T> {
    return this.#call(path, call, asJson<T>);
  }

  blob(path: string, call: SessionCall = {}): Promise<Blob> {
    return this.#call(path, call, asBlob);
  }

  command(path: string, call: SessionCall): Promise<void> {
    return this.#call(path, call, asNothing);
  }

  #call<T>(path: string, call: SessionCall, read: Read<T>): Promise<T> {
    const send = () => this.#sendRenewing(path, call, read);
    return call.repeatable ? repeatedly(send, this.#options.repeatAfter, call.signal) : send();
  }

  async #sendRenewing<T>(path: string, call: SessionCall, read: Read<T>): Promise<T> {
    const token = this.token;
    try {
      return await this.#send(path, call, read);
    } catch (error) {
      if (!(error instanceof JurukunciError) || error.status !== 401) throw error;
      if (this.token === token) await this.#renew();
      return this.#send(path, call, read);
    }
  }

  #send<T>(path: string, call: SessionCall, read: Read<T>): Promise<T> {
    return ask(this.agent.port, path, { language: this.language, ...call, token: this.token }, read);
  }

  /** Calls that run side by side share one renewal; none of them may abort it for the others. */
  #renew(): Promise<void> {
    this.#shared.renewal ??= this.#openAgain().finally(() => { this.#shared.renewal = null; });
    return this.#shared.renewal;
  }

  async #openAgain(): Promise<void> {
    // the agent may have been updated and started again since; its proof speaks of the new version
    const agent = await hello(this.agent.port, { language: this.language });
    this.#shared.opened = await open(agent, this.#options);
  }
}

async function open(agent: Agent, options: SessionOptions, signal?: AbortSignal): Promise<Opened> {
  const opened = await openChecked(agent, options, signal);
  if ('refused' in opened) throw JurukunciError.local('L-BUKTI-DITOLAK', { ...options, detail: `port ${agent.port}: ${opened.refused}` });
  return opened;
}

/** `refused` is the server's reason. What the agent answers wrong is thrown as a JurukunciError, what the page's own functions throw as it is. */
export async function openChecked(
  agent: Agent, { nonce: makeNonce, checkProof, language = 'id' }: SessionOptions, signal?: AbortSignal, deadline?: number,
): Promise<Opened | { refused: string }> {
  const { port, version, environment } = agent;
  const nonce = await orAbort(makeNonce(), signal);
  const call = { method: 'POST', json: { nonce }, language, signal, ...(deadline !== undefined && { deadline }) } as const;
  const answer = await ask(port, '/v1/session', call, asJson<Partial<Opened> | null>);
  const { token, expiresAt, proof } = answer ?? {};
  if (typeof token !== 'string' || typeof expiresAt !== 'string' || typeof proof !== 'object' || proof === null) {
    throw JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { language, detail: `port ${port}: no session` });
  }
  const verdict = await orAbort(checkProof({ proof, nonce, port, version, environment, expiresAt }), signal);
  return isYes(verdict) ? { agent, token, expiresAt, proof } : { refused: reasonOf(verdict) };
}

export function isYes(answer: ServerAnswer): boolean {
  return answer === true || typeof answer === 'object' && answer?.ok === true;
}

export function reasonOf(answer: ServerAnswer): string {
  return typeof answer === 'object' && answer?.reason || 'refused';
}
