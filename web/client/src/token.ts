import type { Session } from './session.js';
import type { Certificate, Status } from './wire.js';

interface Options { signal?: AbortSignal }

/** The active profile, the tokens and the state of their PINs. */
export async function status(session: Session, options: Options = {}): Promise<Status> {
  return session.json<Status>('/v1/status', { repeatable: true, ...options });
}

/** All certificates of all tokens, the unusable ones with the reasons. */
export async function certificates(session: Session, options: Options = {}): Promise<Certificate[]> {
  return session.json<Certificate[]>('/v1/certificates', { repeatable: true, ...options });
}
