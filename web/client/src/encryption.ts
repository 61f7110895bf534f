import type { Session } from './session.js';

interface Options { signal?: AbortSignal }

/** Not built yet: the agent answers `E-BELUM-TERSEDIA`, and that is what this throws. */
export async function encrypt(session: Session, documentId: string, options: Options = {}): Promise<never> {
  return session.json<never>('/v1/encryptions', { method: 'POST', json: { documentId }, ...options });
}

/** Not built yet: the agent answers `E-BELUM-TERSEDIA`, and that is what this throws. */
export async function decrypt(session: Session, documentId: string, options: Options = {}): Promise<never> {
  return session.json<never>('/v1/decryptions', { method: 'POST', json: { documentId }, ...options });
}
