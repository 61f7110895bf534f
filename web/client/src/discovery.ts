import { JurukunciError, type Language } from './errors.js';
import { agentUrl, asJson, ask } from './http.js';
import { loopbackPermission } from './permission.js';
import { pause } from './waiting.js';
import type { Environment, Hello } from './wire.js';

export const agentPorts: readonly number[] = [17845, 17846, 17847, 17848, 17849];

/** The protocol this package speaks. */
export const apiLevel = 1;

/** An agent that answered. Nobody has proved yet that it is the right one: `connect` and `openSession` do. */
export interface Agent {
  port: number;
  version: string;
  apiLevel: number;
  environment: Environment;
}

export type Discovery =
  | { state: 'ready'; agent: Agent }
  /** Older than this page can use. */
  | { state: 'outdated'; agent: Agent; minimumVersion: string }
  /** Not running; an agent of another user of this computer looks the same. */
  | { state: 'absent' }
  /** The person, the browser's administrator, or this page's own Content-Security-Policy said no. */
  | { state: 'blocked'; by: 'browser' | 'content-security-policy' };

export interface DiscoverOptions {
  ports?: readonly number[];
  minimumVersion?: string;
  language?: Language;
  signal?: AbortSignal;
  /** Called while the browser's permission question is open, to explain it. */
  onWaitingForBrowser?: () => void;
  /** Milliseconds after which a call counts as pending, and after which a silent port is left when no question is open. */
  pendingAfter?: number;
  giveUpAfter?: number;
}

/** Stops at the first port that answers like an agent. Nobody has proved anything then; `connect` looks further. */
export async function discover(options: DiscoverOptions = {}): Promise<Discovery> {
  const { minimumVersion = '0.0.0' } = options;
  const search = findAgents(options);
  const { done, value } = await search.next();
  if (done) {
    if (value.state === 'refused') throw value.error;
    return value;
  }
  await search.return(value as never);
  const old = value.apiLevel < apiLevel || isOlder(value.version, minimumVersion);
  return old ? { state: 'outdated', agent: value, minimumVersion } : { state: 'ready', agent: value };
}

/** How a search ended that went through all ports. `refused`: a port answered with an error of the protocol, which anybody could have written. */
export type SearchEnd = Extract<Discovery, { state: 'absent' | 'blocked' }> | { state: 'refused'; error: JurukunciError };

/** Every port that answers like an agent, one port after the other: Firefox fails all but the first of parallel calls behind its question. */
export async function* findAgents(options: DiscoverOptions): AsyncGenerator<Agent, SearchEnd> {
  const policy = watchContentSecurityPolicy();
  let refusal: JurukunciError | null = null;
  try {
    const ports = options.ports ?? agentPorts;
    for (const [i, port] of ports.entries()) {
      const answer = await probe(port, options, ports.slice(i + 1));
      if (answer === 'nobody') continue;
      if (answer === 'question-declined') return { state: 'blocked', by: 'browser' };
      if (answer instanceof JurukunciError) refusal ??= answer;
      else yield answer;
    }
    if (refusal) return { state: 'refused', error: refusal };
    if (await policy.blocked()) return { state: 'blocked', by: 'content-security-policy' };
    return await loopbackPermission() === 'denied' ? { state: 'blocked', by: 'browser' } : { state: 'absent' };
  } finally {
    policy.stop();
  }
}

/** `GET /v1/hello` of a port where the agent is known to be. */
export async function hello(port: number, call: { language?: Language; signal?: AbortSignal; deadline?: number } = {}): Promise<Agent> {
  const answer = await ask(port, '/v1/hello', call, asJson<Partial<Hello> | null>);
  if (answer?.name !== 'jurukunci' || typeof answer.version !== 'string' || typeof answer.apiLevel !== 'number' ||
      (answer.environment !== 'uji' && answer.environment !== 'produksi')) {
    throw JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { ...call, detail: `port ${port} is no Jurukunci` });
  }
  return { port, version: answer.version, apiLevel: answer.apiLevel, environment: answer.environment };
}

type Probed = Agent | JurukunciError | 'nobody' | 'question-declined';

async function probe(port: number, options: DiscoverOptions, later: readonly number[]): Promise<Probed> {
  options.signal?.throwIfAborted();
  const patience = new Patience(options, later);
  try {
    const { language } = options;
    return await hello(port, { ...(language && { language }), signal: patience.signal, deadline: Infinity });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!patience.signal.aborted && !(error instanceof JurukunciError)) throw error;
    if (error instanceof JurukunciError && error.code.startsWith('E-')) return error;
    if (patience.questionSeen && await loopbackPermission() !== 'granted') return 'question-declined';
    return 'nobody';
  } finally {
    patience.end();
  }
}

/**
 * A person may take minutes over the browser's question; a program that accepts and says nothing gets seconds. Where the browser still says "prompt"
 * although its administrator has long said yes, the two look alike, until a later port answers: behind an open question none would.
 */
class Patience {
  questionSeen = false;
  readonly #abort = new AbortController();
  readonly #options: DiscoverOptions;
  readonly #later: readonly number[];
  readonly #step: number;
  #silent = 0;
  #waited = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DiscoverOptions, later: readonly number[]) {
    this.#options = options;
    this.#later = later;
    this.#step = options.pendingAfter ?? 1000;
    options.signal?.addEventListener('abort', this.#follow);
    this.#timer = setTimeout(() => void this.#look(), this.#step);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.signal?.removeEventListener('abort', this.#follow);
  }

  readonly #follow = () => this.#abort.abort(this.#options.signal?.reason);

  async #look(): Promise<void> {
    const waiting = await loopbackPermission() === 'prompt';
    if (this.#timer === undefined) return; // the answer came during the query
    if (waiting && !this.questionSeen) {
      this.questionSeen = true;
      this.#options.onWaitingForBrowser?.();
    }
    this.#silent = waiting === this.#waited ? this.#silent + this.#step : this.#step; // the patience begins anew when the person has answered
    this.#waited = waiting;
    if (this.#silent >= (this.#options.giveUpAfter ?? 10_000)) {
      this.#silent = 0;
      if (!waiting || await this.#laterAnswers()) {
        this.questionSeen = false;
        this.#abort.abort();
        return;
      }
      if (this.#timer === undefined) return; // the answer came meanwhile
    }
    this.#timer = setTimeout(() => void this.#look(), this.#step);
  }

  async #laterAnswers(): Promise<boolean> {
    for (const port of this.#later) {
      const found = await hello(port, { signal: this.#abort.signal, deadline: this.#step }).catch(() => null);
      if (found) await pause(this.#step); // one "Allow" sets all calls free: ours may be on its way
      if (found || this.#timer === undefined) return this.#timer !== undefined;
    }
    return false;
  }
}

/** To the caller of fetch a page that forbids itself the call looks like an absent agent; only this event tells. */
function watchContentSecurityPolicy(): { blocked(): Promise<boolean>; stop(): void } {
  if (typeof document === 'undefined') return { blocked: async () => false, stop() {} };
  let seen = false;
  const note = (event: SecurityPolicyViolationEvent) => {
    if (event.blockedURI.startsWith(agentUrl(0, '').replace(':0', ':'))) seen = true;
  };
  document.addEventListener('securitypolicyviolation', note);
  return {
    async blocked() {
      await new Promise((resolve) => setTimeout(resolve, 0)); // the event is a task of its own, after the failure
      return seen;
    },
    stop: () => document.removeEventListener('securitypolicyviolation', note),
  };
}

export function isOlder(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((text) => text.split(/[.+-]/).slice(0, 3).map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] || 0) - (b[i] || 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
