import { JurukunciError, type Language } from './errors.js';

export interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  json?: unknown;
  bytes?: Blob;
  token?: string;
  language?: Language;
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the answer counts as lost; Infinity where documents travel or are examined. */
  deadline?: number;
}

/** Longer than the longest long poll. */
const usualDeadline = 45_000;

/** Reads the answer while the deadline still runs: a connection can break after the headers as well as before them. */
export type Read<T> = (response: Response) => Promise<T>;

/** The address is always the literal: `localhost` may lead to another user's program on ::1. */
export function agentUrl(port: number, path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

/** One request; answers only what the agent granted, everything else is thrown. */
export async function ask<T>(port: number, path: string, call: Call, read: Read<T>): Promise<T> {
  const language = call.language ?? 'id';
  const limit = limited(call.signal, call.deadline ?? usualDeadline);
  try {
    const response = await fetch(agentUrl(port, path), toFetchOptions(call, language, limit.signal));
    if (!response.ok) throw await refusal(response, language);
    return await read(response);
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof JurukunciError) throw error;
    if (error instanceof SyntaxError) throw JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { language, cause: error });
    throw JurukunciError.local('L-AGEN-TIDAK-TERJANGKAU', { language, cause: error });
  } finally {
    limit.end();
  }
}

export async function asJson<T>(response: Response): Promise<T> {
  return JSON.parse(await response.text()) as T;
}

export async function asBlob(response: Response): Promise<Blob> {
  return response.blob();
}

export async function asNothing(): Promise<void> {}

function toFetchOptions(call: Call, language: Language, signal: AbortSignal): RequestInit & { targetAddressSpace: 'loopback' } {
  const headers: Record<string, string> = { 'accept-language': language };
  if (call.token !== undefined) headers['authorization'] = `Bearer ${call.token}`;
  if (call.json !== undefined) headers['content-type'] = 'application/json';
  if (call.bytes) headers['content-type'] = call.bytes.type === 'application/pdf' ? 'application/pdf' : 'application/octet-stream';
  return {
    method: call.method ?? 'GET',
    headers,
    body: call.bytes ?? (call.json === undefined ? null : JSON.stringify(call.json)),
    signal,
    mode: 'cors',
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    targetAddressSpace: 'loopback', // Chromium's word for "I know that this stays on the computer"; others ignore it
  };
}

async function refusal(response: Response, language: Language): Promise<JurukunciError> {
  const { status } = response;
  const text = await response.text();
  let body: { error?: unknown } | null = null;
  try {
    body = JSON.parse(text) as { error?: unknown } | null;
  } catch {
    // some other program on the port, or a proxy: said below
  }
  return JurukunciError.fromWire(body?.error, { status })
    ?? JurukunciError.local('L-JAWABAN-TIDAK-DIKENAL', { language, detail: `HTTP ${status}` });
}

/** AbortSignal.any and .timeout in one; the browsers of Debian 12's time and Node 18 lack the first. */
function limited(outer: AbortSignal | undefined, deadline: number): { signal: AbortSignal; end(): void } {
  const inner = new AbortController();
  const follow = () => inner.abort(outer?.reason);
  outer?.addEventListener('abort', follow);
  if (outer?.aborted) follow();
  const timer = deadline === Infinity ? undefined : setTimeout(() => inner.abort(), deadline);
  return {
    signal: inner.signal,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}
