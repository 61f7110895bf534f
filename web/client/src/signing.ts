import { content, release, upload } from './documents.js';
import { JurukunciError } from './errors.js';
import { watch } from './operations.js';
import type { Session } from './session.js';
import { orAbort } from './waiting.js';
import type { Appearance, HashFunction, Operation, OperationItem, OperationState, SignatureAlgorithm } from './wire.js';

/** One document: its bytes, or the id of one that the agent already holds. */
export type DocumentToSign = {
  /** What the person reads in the consent. */
  name: string;
  /** Of a PDF; without it the signature is invisible. */
  appearance?: Appearance;
} & ({ blob: Blob; documentId?: never; sha256?: never } | {
  documentId: string;
  /** Hex, as `upload` answered it. Without it the document is fetched and hashed where `order` needs it. */
  sha256?: string;
  blob?: never;
});

/** A digest whose document the agent never sees; the city's profile must allow that. */
export interface HashToSign {
  name: string;
  /** Base64. */
  hash: string;
  /** SHA-256 where it is left out. */
  hashFunction?: HashFunction;
}

/**
 * The order of the application's server, where the registry holds a key for this origin: a compact JWS, or who makes one from what is signed (hex
 * SHA-256 of each document, or the hash of each RAW item, in order). The server compares these with the documents it knows. Null sends none.
 */
export type Order = string | ((documents: readonly string[]) => string | null | Promise<string | null>);

export interface SigningOrder {
  /** A purpose and a kind of task of the city's profile, such as `tte` and `persuratan_elektronik`. */
  purpose: string;
  taskKind: string;
  order?: Order;
  /** As `certificates` gave it; may be left out where exactly one is usable. */
  certificate?: string;
  /** One of the certificate's; may be left out. */
  signatureAlgorithm?: SignatureAlgorithm;
  /** Keep one over a reload to recognise the operation in `operations()`; a fresh one is made without it. */
  requestId?: string;
  onProgress?: (progress: SigningProgress) => void;
  /** Aborting closes the dialog; see `watch` for an abort that comes too late. */
  signal?: AbortSignal;
}

export interface SigningProgress {
  phase: 'uploading' | 'ordering' | OperationState | 'fetching';
  done: number;
  total: number;
  /** Null while uploading and ordering. */
  operation: Operation | null;
}

export interface SignedDocument {
  blob: Blob;
  /** Under this id the agent still holds the signed document for a while, for `verify`. */
  documentId: string;
  operation: Operation;
}

export interface SignedBytes {
  /** Base64. Detached CAdES: the CMS in DER. RAW: RSA octets, or ECDSA-Sig-Value in DER. */
  signature: string;
  operation: Operation;
}

export type BatchToSign = SigningOrder & { onItemFailure?: 'continue' | 'stop' } & (
  | { format?: 'PAdES' | 'CAdES'; items: readonly DocumentToSign[] }
  | { format: 'RAW'; items: readonly HashToSign[] }
);

export interface BatchResult {
  operation: Operation;
  /** In the order they were given. PAdES: fetch what was signed with `content`. CAdES and RAW: `signature`. */
  items: { name: string; state: OperationItem['state']; documentId: string | null; signature: string | null; error: JurukunciError | null }[];
}

/** A PDF, as PAdES. */
export async function signDocument(session: Session, order: DocumentToSign & SigningOrder): Promise<SignedDocument> {
  const { item, operation } = await signOne(session, order, 'PAdES');
  if (!item?.documentId) throw reasonOf(operation, item?.error, session);
  order.onProgress?.({ phase: 'fetching', done: 1, total: 1, operation });
  return { blob: await content(session, item.documentId), documentId: item.documentId, operation };
}

/** Any file, as detached CAdES: the signature is kept beside it. */
export async function signDetached(session: Session, order: DocumentToSign & SigningOrder): Promise<SignedBytes> {
  return bytesOf(await signOne(session, order, 'CAdES'), session);
}

/** A digest alone, where the profile allows it. */
export async function signHash(session: Session, order: HashToSign & SigningOrder): Promise<SignedBytes> {
  const { name, hash, hashFunction, ...common } = order;
  const result = await signBatch(session, { ...common, format: 'RAW', items: [{ name, hash, ...(hashFunction && { hashFunction }) }] });
  return bytesOf({ item: result.items[0], operation: result.operation }, session);
}

/**
 * One sealed list, one consent, one PIN. The person may take out single items and single items may fail, so look at each.
 * Throws where nothing at all was signed.
 */
export async function signBatch(session: Session, batch: BatchToSign): Promise<BatchResult> {
  const { signal, onProgress, format = 'PAdES' } = batch;
  const total = batch.items.length;
  const uploaded: string[] = [];
  const items: object[] = [];
  const digests: (() => Promise<string>)[] = [];
  for (const [done, item] of batch.items.entries()) {
    if ('hash' in item) {
      items.push(item);
      digests.push(async () => hex(Uint8Array.from(atob(item.hash), (sign) => sign.charCodeAt(0))));
      continue;
    }
    const { blob, documentId, sha256, ...shown } = item;
    if (blob) {
      onProgress?.({ phase: 'uploading', done, total, operation: null });
      const stored = await upload(session, blob, { ...(signal && { signal }) });
      uploaded.push(stored.id);
      items.push({ ...shown, documentId: stored.id });
      digests.push(async () => stored.sha256);
    } else {
      items.push({ ...shown, documentId });
      digests.push(async () => sha256 ?? digestOf(await content(session, documentId, { ...(signal && { signal }) })));
    }
  }
  const order = await ordered(batch, digests);
  signal?.throwIfAborted();
  const operation = await watch(session, await start(session, batch, { format, items, order }), {
    signal,
    onProgress: (operation) => onProgress?.({ phase: operation.state, done: operation.done, total: operation.total, operation }),
  });
  for (const id of uploaded) release(session, id).catch(() => {}); // only tidiness: the agent drops them by itself
  return judge(operation, session);
}

async function ordered(batch: BatchToSign, digests: (() => Promise<string>)[]): Promise<string | undefined> {
  const { order, onProgress, signal, items: { length: total } } = batch;
  if (typeof order !== 'function') return order;
  onProgress?.({ phase: 'ordering', done: 0, total, operation: null });
  const documents: string[] = [];
  for (const digest of digests) documents.push(await digest()); // one after the other: each may be a whole document
  return await orAbort(order(documents), signal) ?? undefined;
}

interface Sealed {
  format: string;
  items: object[];
  order: string | undefined;
}

/** Not abortable: an operation whose answer was thrown away could not be cancelled. `watch` sees the abort at once. */
async function start(session: Session, batch: BatchToSign, sealed: Sealed): Promise<Operation> {
  const { purpose, taskKind, certificate, signatureAlgorithm, onItemFailure = 'continue' } = batch;
  const { operation } = await session.json<{ operation: Operation }>('/v1/signatures', {
    method: 'POST',
    repeatable: true, // the requestId makes it so: the second asking answers the same operation
    json: {
      requestId: batch.requestId ?? crypto.randomUUID(), ...sealed, ...(sealed.format !== 'RAW' && { level: `${sealed.format}_BASELINE_B` }),
      purpose, taskKind, certificate, signatureAlgorithm, onItemFailure,
    },
  });
  return operation;
}

type One = { item: BatchResult['items'][number] | undefined; operation: Operation };

async function signOne(session: Session, order: DocumentToSign & SigningOrder, format: 'PAdES' | 'CAdES'): Promise<One> {
  const { name, appearance, blob, documentId, sha256, ...common } = order;
  const source = blob ? { blob } : { documentId: documentId as string, ...(sha256 && { sha256 }) };
  const items = [{ name, ...(appearance && { appearance }), ...source }];
  const { operation, items: [item] } = await signBatch(session, { ...common, format, items });
  return { item, operation };
}

function bytesOf({ item, operation }: One, session: Session): SignedBytes {
  if (!item?.signature) throw reasonOf(operation, item?.error, session);
  return { signature: item.signature, operation };
}

function judge(operation: Operation, session: Session): BatchResult {
  const items = operation.items.map((item) => ({
    name: item.name,
    state: item.state,
    documentId: item.state === 'signed' ? item.documentId ?? null : null,
    signature: item.state === 'signed' ? item.signature ?? null : null,
    error: JurukunciError.fromWire(item.error, { operation }),
  }));
  if (items.some((item) => item.state === 'signed')) return { operation, items };
  throw reasonOf(operation, items.find((item) => item.error)?.error, session);
}

function reasonOf(operation: Operation, ofItem: JurukunciError | null | undefined, { language }: Session): JurukunciError {
  return ofItem ?? JurukunciError.fromWire(operation.error, { operation })
    ?? JurukunciError.local('L-TIDAK-DITANDATANGANI', { language, operation, detail: operation.state });
}

async function digestOf(document: Blob): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', await document.arrayBuffer())));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
