import { JurukunciError, type Operation, type VerificationReport } from '@jurukunci/client';
import type { Batch, Letter, OfficeError } from './office';

export type Phase = 'uploading' | 'preparing' | 'waiting_consent' | 'signing' | 'storing' | 'verifying' | 'ended';

/**
 * What has become of one letter. The agent's own words, and on top of them: `stored`, the server has it; `lost`, it was signed but the
 * agent no longer keeps the file; `not-reached`, its turn never came.
 */
export type ItemState = 'waiting' | 'sealed' | 'started' | 'signed' | 'stored' | 'rejected' | 'failed' | 'unknown' | 'lost' | 'not-reached';

export interface RunItem {
  letter: Letter;
  state: ItemState;
  documentId: string | null;
  error: JurukunciError | OfficeError | null;
}

/** One list of letters on its way to being signed: what the views show, and nothing of how it comes about. */
export class Run {
  phase: Phase = 'uploading';
  uploaded = 0;
  operation: Operation | null = null;
  error: unknown = null;
  /** Of a single letter: the agent's verdict on the signature, or why there is none. */
  verdict: VerificationReport | JurukunciError | null = null;
  /** Begun by a page that is gone, or in another window. */
  resumed = false;
  elsewhere = false;
  readonly items: RunItem[];
  readonly #onChange: (run: Run) => void;

  constructor(
    readonly batch: Batch,
    letters: Letter[],
    onChange: (run: Run) => void,
  ) {
    this.items = letters.map((letter) => ({ letter, state: letter.signed ? 'stored' : 'waiting', documentId: null, error: null }));
    this.#onChange = onChange;
  }

  get marking(): string | null {
    return this.operation?.marking ?? null;
  }
  get cancellable(): boolean {
    return ['uploading', 'preparing', 'waiting_consent'].includes(this.phase);
  }

  number(...states: ItemState[]): number {
    return this.items.filter(({ state }) => states.includes(state)).length;
  }

  letters(...states: ItemState[]): Letter[] {
    return this.items.filter(({ state }) => states.includes(state)).map(({ letter }) => letter);
  }

  /** Takes what the agent says of the operation; what the server already has stays `stored`. */
  take(operation: Operation): void {
    this.operation = operation;
    const over = !['preparing', 'waiting_consent', 'signing'].includes(operation.state);
    operation.items.forEach((said, i) => {
      const item = this.items[i];
      if (!item || item.state === 'stored') return;
      item.error = JurukunciError.fromWire(said.error, { operation });
      item.documentId = said.documentId ?? null;
      item.state = said.state === 'signed' && !said.documentId ? 'lost' : over && said.state === 'sealed' ? 'not-reached' : said.state;
    });
    this.to(phaseOf(operation));
  }

  to(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  changed(): void {
    this.#onChange(this);
  }
}

function phaseOf({ state }: Operation): Phase {
  return state === 'preparing' || state === 'waiting_consent' || state === 'signing' ? state : 'storing';
}
