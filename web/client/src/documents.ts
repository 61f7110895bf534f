import type { Session } from './session.js';
import type { StoredDocument, VerificationReport } from './wire.js';

interface Options { signal?: AbortSignal }

/** Gives the agent a document to hold; it goes by itself after a while, or with `release`. */
export async function upload(session: Session, blob: Blob, options: Options = {}): Promise<StoredDocument> {
  return session.json<StoredDocument>('/v1/documents', { method: 'POST', bytes: blob, deadline: Infinity, ...options });
}

/** The bytes of a document that the agent holds: one that was uploaded, or one that was signed. */
export async function content(session: Session, documentId: string, options: Options = {}): Promise<Blob> {
  return session.blob(`${pathOf(documentId)}/content`, { repeatable: true, deadline: Infinity, ...options });
}

export async function release(session: Session, documentId: string, options: Options = {}): Promise<void> {
  return session.command(pathOf(documentId), { method: 'DELETE', ...options });
}

/** The agent's own verdict on the signatures of a document that it holds. */
export async function verify(session: Session, documentId: string, options: Options = {}): Promise<VerificationReport> {
  const call = { method: 'POST', json: { documentId }, repeatable: true, deadline: Infinity, ...options } as const;
  return session.json<VerificationReport>('/v1/verifications', call);
}

function pathOf(documentId: string): string {
  return `/v1/documents/${encodeURIComponent(documentId)}`;
}
