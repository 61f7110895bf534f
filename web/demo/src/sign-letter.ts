import { JurukunciError, signDocument, verify, type Operation, type Session, type VerificationReport } from '@jurukunci/client';
import * as office from './office';

export type Phase = 'uploading' | 'preparing' | 'waiting_consent' | 'signing' | 'fetching' | 'verifying' | 'storing';

export interface SignedLetter {
  letter: office.Letter;
  operation: Operation;
  /** The agent's verdict, or why there is none. */
  verdict: VerificationReport | JurukunciError;
}

/** The signature exists but the server does not have it; the bytes must not get lost. */
export class NotStored extends Error {
  constructor(readonly reason: office.OfficeError, readonly signed: Blob) {
    super(reason.code);
  }
}

/** Draft from the server, signature from the agent, verdict from the agent, signed letter to the server. */
export async function signLetter(
  session: Session, letter: office.Letter, onPhase: (phase: Phase) => void, signal: AbortSignal,
): Promise<SignedLetter> {
  onPhase('uploading');
  const { blob, documentId, operation } = await signDocument(session, {
    name: `${letter.title}.pdf`,
    blob: await office.draft(letter),
    purpose: 'tte',
    taskKind: 'persuratan_elektronik',
    ...(letter.appearance && { appearance: { ...letter.appearance, link: `${location.origin}/cek/${letter.id}` } }),
    onProgress: ({ phase }) => { if (isPhase(phase)) onPhase(phase); },
    signal,
  });
  onPhase('verifying');
  const verdict = await verify(session, documentId).catch((error: unknown) => {
    if (error instanceof JurukunciError) return error;
    throw error;
  });
  onPhase('storing');
  try {
    return { letter: await office.store(letter, blob), operation, verdict };
  } catch (error) {
    throw error instanceof office.OfficeError ? new NotStored(error, blob) : error;
  }
}

function isPhase(phase: string): phase is Phase {
  return !['done', 'refused', 'cancelled', 'failed'].includes(phase);
}
