import { apiLevel, findAgents, isOlder, type Agent, type DiscoverOptions, type Discovery } from './discovery.js';
import { JurukunciError } from './errors.js';
import { openChecked, Session, type SessionOptions } from './session.js';

/** Said hello like an agent and did not prove to be the one that the server knows. */
export interface Impostor {
  port: number;
  /** The server's reason, or the code of the error that it answered. */
  reason: string;
}

export type Connection = { impostors: readonly Impostor[] } & (
  | { state: 'ready'; session: Session; agent: Agent }
  /** Nobody that the server knows, but somebody it could get to know: `enrol` with one of these. An impostor would look the same; the code tells. */
  | { state: 'unenrolled'; agents: readonly [Agent, ...Agent[]] }
  | Exclude<Discovery, { state: 'ready' }>
);

/** All that a page can be in, from the first look to ready. */
export type PageState = Connection['state'] | 'waiting-for-browser';

export type ConnectOptions = DiscoverOptions & SessionOptions;

/** For a program that answered hello and is then silent. The person has no part in opening a session. */
const sessionDeadline = 10_000;

/**
 * Finds the agent that the application's server knows, on whichever port it is. Whoever answers and fails the proof is passed over and told of in
 * `impostors`: the first to take a port must not be able to keep the page from its agent.
 *
 * Throws where the nonce or the proof could not be had from the page's own functions, and where all that answered was an error of the protocol.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { minimumVersion = '0.0.0', signal } = options;
  const impostors: Impostor[] = [];
  const strangers: Agent[] = [];
  let old: { agent: Agent; proven: boolean } | null = null;
  let failure: JurukunciError | null = null;

  const search = findAgents(options);
  for (;;) {
    const { done, value } = await search.next();
    if (done) {
      const outdated = old && { state: 'outdated', agent: old.agent, minimumVersion, impostors } as const;
      if (old?.proven) return outdated as Connection;
      const [first, ...more] = strangers;
      if (first) return { state: 'unenrolled', agents: [first, ...more], impostors };
      if (outdated) return outdated;
      if (value.state === 'refused') throw value.error;
      if (failure) throw failure;
      return { ...value, impostors };
    }
    const agent = value;
    if (agent.apiLevel < apiLevel) {
      old ??= { agent, proven: false };
      continue;
    }
    try {
      const opened = await openChecked(agent, options, signal, sessionDeadline);
      if (!('refused' in opened)) {
        if (isOlder(agent.version, minimumVersion)) {
          old = { agent, proven: true };
          continue;
        }
        await search.return(value as never);
        for (const { port } of strangers) impostors.push({ port, reason: 'unknown-agent' });
        return { state: 'ready', session: new Session(opened, options), agent, impostors };
      }
      if (opened.refused === 'outdated') old = { agent, proven: true };
      else if (opened.refused === 'unknown-agent') strangers.push(agent);
      else if (opened.refused === 'wrong-nonce') throw nonceRefused(options);
      else impostors.push({ port: agent.port, reason: opened.refused });
    } catch (error) {
      if (!(error instanceof JurukunciError) || error.code === 'L-NONCE-DITOLAK') throw error;
      // what the port answered says nothing against the next one
      failure ??= error;
      impostors.push({ port: agent.port, reason: error.code });
    }
  }
}

/** The page made the evidence with the very nonce that it fetched, so no agent can be at fault. */
function nonceRefused({ language }: ConnectOptions): JurukunciError {
  return JurukunciError.local('L-NONCE-DITOLAK', { ...(language && { language }) });
}
