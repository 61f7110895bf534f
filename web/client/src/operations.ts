import { JurukunciError } from './errors.js';
import type { Session } from './session.js';
import type { ItemState, Operation, OperationItem } from './wire.js';

/** The longest the agent lets a long poll wait, in seconds. */
const longestWait = 30;

export interface WatchOptions {
  /** Called for the state at hand and for every change. */
  onProgress?: (operation: Operation) => void;
  /** Aborting asks the agent to cancel; see `watch`. */
  signal?: AbortSignal | undefined;
}

/** This origin's operations, newest first: after a crash of the browser its results are found here. */
export async function operations(session: Session, options: { signal?: AbortSignal } = {}): Promise<Operation[]> {
  return (await session.json<{ operations: Operation[] }>('/v1/operations', { repeatable: true, ...options })).operations;
}

export function isOver(operation: Operation): boolean {
  return !['preparing', 'waiting_consent', 'signing'].includes(operation.state);
}

export interface RemainingOptions {
  /**
   * What only the person can decide, and is left out unless it is named: `unknown` may have been signed (`E-HASIL-TIDAK-DIKETAHUI`), `rejected` the
   * person took out, `lost` was signed and the agent no longer has it (`E-SUDAH-KEDALUWARSA`).
   */
  including?: readonly ('unknown' | 'rejected' | 'lost')[];
}

/**
 * What an operation that has ended left unsigned, for a new request: nothing can be added to an old one, and the new one asks the person again. With
 * `items`, which must be those of the request, answers the ones among them; without, the operation's own.
 */
export function remaining(operation: Operation, items?: undefined, options?: RemainingOptions): OperationItem[];
export function remaining<T>(operation: Operation, items: readonly T[], options?: RemainingOptions): T[];
export function remaining(operation: Operation, items: readonly unknown[] = operation.items, { including = [] }: RemainingOptions = {}): unknown[] {
  if (!isOver(operation)) throw new TypeError(`operation ${operation.id} is ${operation.state}: what remains is known at its end`);
  const { length } = operation.items;
  if (items.length !== length) throw new TypeError(`operation ${operation.id} has ${length} items, not ${items.length}`);
  const kindOf = ({ state, error }: OperationItem): ItemState | 'lost' => (state === 'signed' && error ? 'lost' : state);
  const undecided = ['unknown', 'rejected', 'lost'];
  return items.filter((_, i) => {
    const kind = kindOf(operation.items[i]!);
    return kind !== 'signed' && (!undecided.includes(kind) || (including as readonly string[]).includes(kind));
  });
}

/**
 * Follows an operation to its end. As long as this runs before consent, the agent knows that the page is there.
 *
 * Aborting closes the dialog and rejects with the signal's reason. Once the PIN was given nothing can be taken back:
 * then the abort has no effect and the result, which exists whether it is wanted or not, is answered.
 */
export async function watch(session: Session, operation: Operation | string, options: WatchOptions = {}): Promise<Operation> {
  const id = typeof operation === 'string' ? operation : operation.id;
  let { signal } = options;
  let current = typeof operation === 'string' ? null : operation;
  if (current) options.onProgress?.(current);
  while (!current || !isOver(current)) {
    try {
      signal?.throwIfAborted();
      const seen: number | undefined = current?.revision;
      current = await poll(session, id, seen, signal);
      if (current.revision !== seen) options.onProgress?.(current);
    } catch (error) {
      if (!signal?.aborted) throw error;
      if (await cancel(session, id) === 'cancelled') throw signal.reason;
      signal = undefined;
    }
  }
  return current;
}

/** Closes the dialog. After consent the agent refuses: what has begun is carried to its end. */
export async function cancel(session: Session, id: string): Promise<'cancelled' | 'too-late'> {
  try {
    await session.command(operationPath(id), { method: 'DELETE', deadline: 10_000 });
    return 'cancelled';
  } catch (error) {
    if (error instanceof JurukunciError && error.code === 'E-SUDAH-BERJALAN') return 'too-late';
    throw error;
  }
}

async function poll(session: Session, id: string, seen: number | undefined, signal: AbortSignal | undefined): Promise<Operation> {
  const query = seen === undefined ? '' : `?wait=${longestWait}&seen=${seen}`;
  return session.json<Operation>(operationPath(id) + query, { repeatable: true, signal });
}

function operationPath(id: string): string {
  return `/v1/operations/${encodeURIComponent(id)}`;
}
