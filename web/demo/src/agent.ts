import { discover, JurukunciError, openSession, status, type Agent, type Session, type Status } from '@jurukunci/client';
import * as office from './office';

export const minimumVersion = '0.1.0';

/** What the page can say about the agent, from first look to ready. */
export type AgentView =
  | { state: 'checking' | 'waiting-for-browser' | 'absent' }
  | { state: 'blocked'; by: 'browser' | 'content-security-policy' }
  | { state: 'outdated'; agent: Agent }
  | { state: 'untrusted' | 'failed'; userMessage: string; remedy: string | null }
  | { state: 'ready'; agent: Agent; status: Status; known: boolean };

/** Finds the agent, has the server check it, and keeps the session. */
export class AgentConnection {
  #session: Session | null = null;
  #known = false;
  #connecting: Promise<Session | null> | null = null;
  readonly #show: (view: AgentView) => void;

  constructor(show: (view: AgentView) => void) {
    this.#show = show;
  }

  /** Null where there is no agent to talk to; then the view says why. Calls made meanwhile share one attempt. */
  connect(): Promise<Session | null> {
    this.#connecting ??= this.#connect().finally(() => { this.#connecting = null; });
    return this.#connecting;
  }

  async #connect(): Promise<Session | null> {
    try {
      this.#session ??= await this.#open();
      if (this.#session) this.#show({ state: 'ready', agent: this.#session.agent, status: await status(this.#session), known: this.#known });
    } catch (error) {
      this.#session = null;
      this.#show(toView(error));
    }
    return this.#session;
  }

  async #open(): Promise<Session | null> {
    this.#show({ state: 'checking' });
    const found = await discover({
      ports: await office.agentPorts(),
      minimumVersion,
      onWaitingForBrowser: () => this.#show({ state: 'waiting-for-browser' }),
    });
    if (found.state !== 'ready') {
      this.#show(found);
      return null;
    }
    return openSession(found.agent, {
      nonce: office.nonce,
      checkProof: async (evidence) => {
        const { ok, known } = await office.proof(evidence);
        this.#known = known;
        return ok;
      },
    });
  }
}

function toView(error: unknown): AgentView {
  if (error instanceof JurukunciError) {
    const { code, userMessage, remedy } = error;
    if (code === 'L-AGEN-TIDAK-TERJANGKAU') return { state: 'absent' };
    return { state: code === 'L-BUKTI-DITOLAK' ? 'untrusted' : 'failed', userMessage, remedy };
  }
  if (error instanceof office.OfficeError) return { state: 'failed', userMessage: error.userMessage, remedy: null };
  throw error;
}
