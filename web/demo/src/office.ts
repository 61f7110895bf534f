import type { Appearance, AuthenticationToken, EnrolmentEvidence, SessionEvidence } from '@jurukunci/client';
import { say } from './words';

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

/** Letters on their way to a signature. The id is the `requestId` the agent is asked with. */
export interface Batch {
  id: string;
  letters: string[];
  createdAt: string;
  /** False: the page went away before it asked the agent for anything. */
  ordered: boolean;
}

export interface User {
  name: string;
  position: string;
  how: 'demo' | 'token';
}

export interface Config {
  agentPorts: number[];
  tokenLogin: boolean;
  /** Whether the agent wants an order of this server. */
  orders: boolean;
  purpose: string;
  taskKind: string;
}

export type Verdict = { ok: true } | { ok: false; reason: string; userMessage: string };

/** A refusal of the e-office server, or its silence. */
export class OfficeError extends Error {
  override readonly name = 'OfficeError';

  constructor(
    readonly code: string,
    readonly userMessage: string,
  ) {
    super(code);
  }
}

const unreachable = 'S-TIDAK-TERJANGKAU';
let known: Promise<Config> | null = null;

export const config = () =>
  (known ??= askJson<Config>('/api/config').catch((error: unknown) => {
    known = null;
    throw error;
  }));
export const user = async () => (await askJson<{ user: User | null }>('/api/session')).user;
export const signInForDemo = async () => (await askJson<{ user: User }>('/api/session/demo', { method: 'POST' })).user;
export const signOut = () => askJson('/api/session', { method: 'DELETE' });
export const letters = () => askJson<Letter[]>('/api/letters');
export const draft = async (letter: Letter) => (await ask(letter.url)).blob();
export const nonce = async () => (await askJson<{ nonce: string }>('/api/nonce', { method: 'POST' })).nonce;
export const proof = (evidence: SessionEvidence) => post<Verdict>('/api/proof', evidence);
export const enrol = (evidence: EnrolmentEvidence) => post<Verdict>('/api/enrolment', evidence);
export const batches = () => askJson<Batch[]>('/api/batches');
export const beginBatch = (ids: string[]) => post<Batch>('/api/batches', { letters: ids });
export const order = async (id: string) => (await askJson<{ order: string }>(`/api/batches/${id}/order`, { method: 'POST' })).order;
export const endBatch = (id: string) => askJson(`/api/batches/${id}`, { method: 'DELETE' });

export async function signInWithToken(challengeNonce: string, token: AuthenticationToken): Promise<User> {
  return (await post<{ user: User }>('/api/session/token', { challengeNonce, token })).user;
}

/** May be sent again: the server takes the same bytes twice for once. */
export async function store(letter: Letter, signed: Blob): Promise<Letter> {
  const send = () =>
    askJson<Letter>(`/api/letters/${letter.id}/signed`, { method: 'PUT', headers: { 'content-type': 'application/pdf' }, body: signed });
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof OfficeError) || error.code !== unreachable) throw error;
    return send();
  }
}

function post<T>(path: string, value: unknown): Promise<T> {
  return askJson<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
}

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...options });
  } catch {
    throw new OfficeError(unreachable, say('office.unreachable'));
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: { code: string; userMessage: string } } | null;
  throw new OfficeError(body?.error?.code ?? 'S-KESALAHAN-SERVER', body?.error?.userMessage ?? say('office.fault'));
}

async function askJson<T>(path: string, options?: RequestInit): Promise<T> {
  const response = await ask(path, options);
  return response.json().catch(() => {
    throw new OfficeError(unreachable, say('office.unreachable')); // cut off in the middle of its answer
  }) as Promise<T>;
}
