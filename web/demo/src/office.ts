import type { Appearance, SessionEvidence } from '@jurukunci/client';

export interface Letter {
  id: string;
  kind: string;
  title: string;
  number: string;
  sender: string;
  date: string;
  pages: number;
  appearance?: Extract<Appearance, { page: number }>;
  url: string;
  signed: { url: string; size: number; sha256: string; storedAt: string } | null;
}

/** A refusal of the e-office server, or its silence. */
export class OfficeError extends Error {
  override readonly name = 'OfficeError';

  constructor(readonly code: string, readonly userMessage: string) {
    super(code);
  }
}

export const agentPorts = async () => (await askJson<{ agentPorts: number[] }>('/api/config')).agentPorts;
export const letters = () => askJson<Letter[]>('/api/letters');
export const draft = async (letter: Letter) => (await ask(letter.url)).blob();
export const nonce = async () => (await askJson<{ nonce: string }>('/api/nonce', { method: 'POST' })).nonce;

/** `known` tells whether the server has seen this agent before. */
export function proof(evidence: SessionEvidence): Promise<{ ok: boolean; known: boolean }> {
  return askJson('/api/proof', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(evidence) });
}

/** May be sent again: the server takes the same bytes twice for once. */
export async function store(letter: Letter, signed: Blob): Promise<Letter> {
  const send = () => askJson<Letter>(`/api/letters/${letter.id}/signed`, { method: 'PUT', headers: { 'content-type': 'application/pdf' }, body: signed });
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof OfficeError) || error.code !== unreachable) throw error;
    return send();
  }
}

const unreachable = 'S-TIDAK-TERJANGKAU';

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...options });
  } catch {
    throw new OfficeError(unreachable, 'Server e-office tidak menjawab. Periksa jaringan Anda, lalu coba lagi.');
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null) as { error?: { code: string; userMessage: string } } | null;
  throw new OfficeError(body?.error?.code ?? 'S-KESALAHAN-SERVER', body?.error?.userMessage ?? 'Server e-office mengalami kesalahan.');
}

async function askJson<T>(path: string, options?: RequestInit): Promise<T> {
  return (await ask(path, options)).json() as Promise<T>;
}
