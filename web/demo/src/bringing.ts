import { content, JurukunciError, type Session } from '@jurukunci/client';
import * as office from './office';
import type { Run, RunItem } from './run';

const atOnce = 3;

/** Carries signed letters from the agent to the server, as they come, each once. */
export class Bringing {
  readonly #session: Session;
  readonly #run: Run;
  readonly #begun = new Set<RunItem>();
  readonly #waiting: RunItem[] = [];
  readonly #carriers = new Set<Promise<void>>();

  constructor(session: Session, run: Run) {
    this.#session = session;
    this.#run = run;
  }

  /** Looks for letters that have been signed since the last look. */
  look(): void {
    for (const item of this.#run.items) {
      if (item.state !== 'signed' || this.#begun.has(item)) continue;
      this.#begun.add(item);
      this.#waiting.push(item);
    }
    while (this.#carriers.size < atOnce && this.#waiting.length > 0) {
      const carrier = this.#carry().finally(() => this.#carriers.delete(carrier));
      this.#carriers.add(carrier);
    }
  }

  /** Until everything that was signed has been brought, or has failed to be. */
  async end(): Promise<void> {
    this.look();
    while (this.#carriers.size > 0) await Promise.all(this.#carriers);
  }

  async #carry(): Promise<void> {
    for (let item = this.#waiting.shift(); item; item = this.#waiting.shift()) {
      try {
        item.letter = await office.store(item.letter, await content(this.#session, item.documentId as string));
        item.state = 'stored';
        item.error = null;
      } catch (error) {
        if (!(error instanceof JurukunciError) && !(error instanceof office.OfficeError)) throw error;
        item.error = error; // it stays `signed`: the person can have it brought again
      }
      this.#run.changed();
    }
  }
}
