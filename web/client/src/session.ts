import { hello, type Agent } from './discovery.js';
import { JurukunciError, type Language } from './errors.js';
import { asBlob, asJson, ask, asNothing, type Call, type Read } from './http.js';
import { repeatedly } from './lost-answers.js';
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

export interface SessionOptions {
  /** Fetches a fresh nonce (16 to 64 bytes, base64) that the application's server made; asked again for every renewal. */
  nonce: () => Promise<string>;
  /** Has the application's server check the evidence; false refuses the agent before it sees anything else. */
  checkProof: (evidence: SessionEvidence) => Promise<boolean>;
  /** Of the sentences for the person. Without it they come in Indonesian, whatever the browser prefers. */
  language?: Language;
  signal?: AbortSignal;
  /** Milliseconds to wait before each repetition of a call whose answer was lost. */
  repeatAfter?: readonly number[];
}

export interface SessionCall extends Pick<Call, 'method' | 'json' | 'bytes' | 'signal' | 'deadline'> {
  /** The agent answers a repetition like the first call, so it may be sent again when the answer was lost. */
  repeatable?: boolean;
}

interface Opened {
  agent: Agent;
  token: string;
  expiresAt: string;
  proof: Proof;
}

export async function openSession(agent: Agent, options: SessionOptions): Promise<Session> {
  return new Session(await open(agent, options, options.signal), options);
}

/** A conversation with a proven agent. It renews itself when the agent has forgotten it. */
export class Session {
  #opened: Opened;
  #renewal: Promise<void> | null = null;
  readonly #options: SessionOptions;

  /** Use `openSession`. */
  constructor(opened: Opened, options: SessionOptions) {
    this.#opened = opened;
    this.#options = options;
  }

  get agent(): Agent { return this.#opened.agent; }
  get token(): string { return this.#opened.token; }
  get expiresAt(): string { return this.#opened.expiresAt; }
  get proof(): Proof { return this.#opened.proof; }
  get language(): Language { return this.#options.language ?? 'id'; }

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
    return ask(this.agent.port, path, { ...call, token: this.token, language: this.language }, read);
  }

  /** Calls that run side by side share one renewal; none of them may abort it for the others. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#openAgain().finally(() => { this.#renewal = null; });
    return this.#renewal;
  }

  async #openAgain(): Promise<void> {
    // the agent may have been updated and started again since; its proof speaks of the new version
    const agent = await hello(this.agent.port, { language: this.language });
    this.#opened = await open(agent, this.#options);
  }
}

async function open(agent: Agent, options: SessionOptions, signal?: AbortSignal): Promise<Opened> {
  const language = options.language ?? 'id';
  const nonce = await options.nonce();
  const { token, expiresAt, proof } =
    await ask(agent.port, '/v1/session', { method: 'POST', json: { nonce }, language, signal }, asJson<Partial<Opened>>);
  if (typeof token !== 'string' || typeof expiresAt !== 'string' || typeof proof !== 'object' || proof === null) {
    throw JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { language, detail: 'no session' });
  }
  const { port, version, environment } = agent;
  if (!await options.checkProof({ proof, nonce, port, version, environment, expiresAt })) {
    throw JurukunciError.local('L-BUKTI-DITOLAK', { language });
  }
  signal?.throwIfAborted();
  return { agent, token, expiresAt, proof };
}
