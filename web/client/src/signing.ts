import { content, release, upload } from './documents.js';
import { JurukunciError } from './errors.js';
import { watch } from './operations.js';
import type { Session } from './session.js';
import type { Appearance, Operation, OperationItem, OperationState } from './wire.js';

/** One document: its bytes, or the id of one that the agent already holds. */
export type DocumentToSign = {
  /** What the person reads in the consent. */
  name: string;
  /** Without it the signature is invisible. */
  appearance?: Appearance;
} & ({ blob: Blob; documentId?: never } | { documentId: string; blob?: never });

export interface SigningOrder {
  /** A purpose and a kind of task of the city's profile, such as `tte` and `persuratan_elektronik`. */
  purpose: string;
  taskKind: string;
  /** As `certificates` gave it; may be left out where exactly one is usable. */
  certificate?: string;
  /** Keep one over a reload to recognise the operation in `operations()`; a fresh one is made without it. */
  requestId?: string;
  onProgress?: (progress: SigningProgress) => void;
  /** Aborting closes the dialog; see `watch` for an abort that comes too late. */
  signal?: AbortSignal;
}

export interface SigningProgress {
  phase: 'uploading' | OperationState | 'fetching';
  done: number;
  total: number;
  /** Null while uploading. */
  operation: Operation | null;
}

export interface SignedDocument {
  blob: Blob;
  /** Under this id the agent still holds the signed document for a while, for `verify`. */
  documentId: string;
  operation: Operation;
}

export interface BatchResult {
  operation: Operation;
  /** In the order they were given. Fetch what was signed with `content`. */
  items: { name: string; state: OperationItem['state']; documentId: string | null; error: JurukunciError | null }[];
}

export async function signDocument(session: Session, order: DocumentToSign & SigningOrder): Promise<SignedDocument> {
  const { name, appearance, blob, documentId, ...common } = order;
  const source = blob ? { blob } : { documentId: documentId as string };
  const { operation, items: [item] } = await signBatch(session, { ...common, items: [{ name, ...(appearance && { appearance }), ...source }] });
  if (!item?.documentId) throw reasonOf(operation, item?.error, session);
  order.onProgress?.({ phase: 'fetching', done: 1, total: 1, operation });
  return { blob: await content(session, item.documentId), documentId: item.documentId, operation };
}

/**
 * One sealed list, one consent, one PIN. The person may take out single items and single items may fail, so look at each.
 * Throws where nothing at all was signed.
 */
export async function signBatch(
  session: Session,
  order: SigningOrder & { items: DocumentToSign[]; onItemFailure?: 'continue' | 'stop' },
): Promise<BatchResult> {
  const { signal, onProgress } = order;
  const uploaded: string[] = [];
  const items = [];
  for (const [done, { blob, documentId, ...item }] of order.items.entries()) {
    onProgress?.({ phase: 'uploading', done, total: order.items.length, operation: null });
    if (blob) uploaded.push((await upload(session, blob, { ...(signal && { signal }) })).id);
    items.push({ ...item, documentId: blob ? uploaded.at(-1) : documentId });
  }
  signal?.throwIfAborted();
  const operation = await watch(session, await start(session, order, items), {
    signal,
    onProgress: (operation) => onProgress?.({ phase: operation.state, done: operation.done, total: operation.total, operation }),
  });
  for (const id of uploaded) release(session, id).catch(() => {}); // only tidiness: the agent drops them by itself
  return judge(operation, session);
}

/** Not abortable: an operation whose answer was thrown away could not be cancelled. `watch` sees the abort at once. */
async function start(session: Session, order: SigningOrder & { onItemFailure?: string }, items: unknown[]): Promise<Operation> {
  const { purpose, taskKind, certificate, onItemFailure = 'continue' } = order;
  const { operation } = await session.json<{ operation: Operation }>('/v1/signatures', {
    method: 'POST',
    repeatable: true, // the requestId makes it so: the second asking answers the same operation
    json: {
      requestId: order.requestId ?? crypto.randomUUID(),
      format: 'PAdES', level: 'PAdES_BASELINE_B', purpose, taskKind, certificate, onItemFailure, items,
    },
  });
  return operation;
}

function judge(operation: Operation, session: Session): BatchResult {
  const items = operation.items.map((item) => ({
    name: item.name,
    state: item.state,
    documentId: item.state === 'signed' ? item.documentId ?? null : null,
    error: JurukunciError.fromWire(item.error, { operation }),
  }));
  if (items.some((item) => item.state === 'signed')) return { operation, items };
  throw reasonOf(operation, items.find((item) => item.error)?.error, session);
}

function reasonOf(operation: Operation, ofItem: JurukunciError | null | undefined, { language }: Session): JurukunciError {
  return ofItem ?? JurukunciError.fromWire(operation.error, { operation })
    ?? JurukunciError.local('L-TIDAK-DITANDATANGANI', { language, operation, detail: operation.state });
}
