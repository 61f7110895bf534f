import type { Session } from './session.js';
import type { AuthenticationToken } from './wire.js';

export interface AuthenticateOptions {
  /** As `certificates` gave it; may be left out where exactly one is usable. */
  certificate?: string;
  /** Aborting closes the dialog. */
  signal?: AbortSignal;
}

/**
 * The person proves who they are: waits for them, and answers Web eID's token for the application's server to verify. `challengeNonce` is the
 * server's, 32 to 64 bytes in base64, made for this one log-in.
 */
export async function authenticate(session: Session, challengeNonce: string, options: AuthenticateOptions = {}): Promise<AuthenticationToken> {
  const { certificate, signal } = options;
  return session.json<AuthenticationToken>('/v1/authenticate', { method: 'POST', json: { challengeNonce, certificate }, signal, deadline: Infinity });
}
