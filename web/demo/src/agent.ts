import { authenticate, connect, enrol, JurukunciError, status, type Agent, type Impostor, type Session, type Status } from '@jurukunci/client';
import * as office from './office';
import { language } from './words';

export const minimumVersion = '0.1.0';

/** What the page can say about the agent, from first look to ready. */
export type AgentView =
  | { state: 'checking' | 'waiting-for-browser' | 'absent' }
  | { state: 'blocked'; by: 'browser' | 'content-security-policy' }
  | { state: 'outdated'; agent: Agent }
  /** The server does not know this agent yet; or, where this browser has seen one it knew, a program in its place. */
  | { state: 'unenrolled' | 'untrusted'; agent: Agent | null; again?: JurukunciError | office.OfficeError }
  | { state: 'enrolling'; code: string | null; compared: boolean }
  | { state: 'failed'; userMessage: string; remedy: string | null }
  | { state: 'ready'; agent: Agent; status: Status; impostors: readonly Impostor[] };

const knownHere = 'eoffice-agent-known';

/** Finds the agent, has the server check it, and keeps the session. */
export class AgentConnection {
  view: AgentView = { state: 'checking' };
  #session: Session | null = null;
  #impostors: readonly Impostor[] = [];
  #connecting: Promise<Session | null> | null = null;
  #enrolling: AbortController | null = null;
  #compared: (same: boolean) => void = () => {};
  readonly #show: (view: AgentView) => void;

  constructor(show: (view: AgentView) => void) {
    this.#show = show;
  }

  /** Null where there is no agent to talk to; then the view says why. Calls made meanwhile share one attempt. */
  connect(): Promise<Session | null> {
    if (this.#enrolling) return Promise.resolve(null);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  /** A new session, so that its sentences come in the language of now. */
  async again(): Promise<void> {
    await this.#connecting;
    this.#session = null;
    await this.connect();
  }

  /** The person compares the code of the page with that of the agent's window. Null where they are not enrolled after it. */
  async enrol(agent: Agent): Promise<Session | null> {
    this.#enrolling = new AbortController();
    this.#to({ state: 'enrolling', code: null, compared: false });
    try {
      await enrol(agent, {
        nonce: office.nonce,
        checkEnrolment: office.enrol,
        language,
        signal: this.#enrolling.signal,
        // their yes in the agent's window is not enough: a program without a window can say by itself that it was confirmed
        compared: (code) => {
          this.#to({ state: 'enrolling', code, compared: false });
          return new Promise((resolve) => {
            this.#compared = (same) => {
              if (same) this.#to({ state: 'enrolling', code, compared: true });
              resolve(same);
            };
          });
        },
      });
    } catch (error) {
      this.#enrolling = null;
      if (error instanceof DOMException && error.name === 'AbortError') this.#to({ state: 'unenrolled', agent });
      else if (isTold(error)) this.#to({ state: 'unenrolled', agent, again: error });
      else throw error;
      return null;
    }
    this.#enrolling = null;
    return this.connect();
  }

  /** What the person says in the page: whether the agent's window shows the same code. */
  answerCode(same: boolean): void {
    this.#compared(same);
  }

  stopEnrolling(): void {
    this.#enrolling?.abort();
  }

  /** Log-in: the token answers a question that the server made for this once. */
  async signIn(session: Session, signal: AbortSignal): Promise<office.User> {
    const challenge = await office.nonce();
    return office.signInWithToken(challenge, await authenticate(session, challenge, { signal }));
  }

  async #connect(): Promise<Session | null> {
    try {
      this.#session ??= await this.#open();
      if (this.#session) this.#to({ state: 'ready', agent: this.#session.agent, status: await status(this.#session), impostors: this.#impostors });
    } catch (error) {
      this.#session = null;
      this.#to(toView(error));
    }
    return this.#session;
  }

  async #open(): Promise<Session | null> {
    this.#to({ state: 'checking' });
    const { agentPorts } = await office.config();
    const found = await connect({
      ports: agentPorts,
      minimumVersion,
      language,
      nonce: office.nonce,
      checkProof: office.proof,
      onWaitingForBrowser: () => this.#to({ state: 'waiting-for-browser' }),
    });
    this.#impostors = found.impostors;
    switch (found.state) {
      case 'ready':
        localStorage.setItem(knownHere, 'yes');
        return found.session;
      case 'unenrolled':
        this.#to({ state: localStorage.getItem(knownHere) ? 'untrusted' : 'unenrolled', agent: found.agents[0] });
        return null;
      case 'absent':
        this.#to(found.impostors.length > 0 ? { state: 'untrusted', agent: null } : { state: 'absent' });
        return null;
      default:
        this.#to(found);
        return null;
    }
  }

  #to(view: AgentView): void {
    this.view = view;
    this.#show(view);
  }
}

function isTold(error: unknown): error is JurukunciError | office.OfficeError {
  return error instanceof JurukunciError || error instanceof office.OfficeError;
}

function toView(error: unknown): AgentView {
  if (error instanceof JurukunciError) {
    const { code, userMessage, remedy } = error;
    if (code === 'L-AGEN-TIDAK-TERJANGKAU') return { state: 'absent' };
    if (code === 'L-BUKTI-DITOLAK') return { state: 'untrusted', agent: null };
    return { state: 'failed', userMessage, remedy };
  }
  if (error instanceof office.OfficeError) return { state: 'failed', userMessage: error.userMessage, remedy: null };
  throw error;
}
