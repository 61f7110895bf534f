import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import { Refusal } from './refusal.mjs';

/** A page that fetched no order by then has gone away before it asked the agent for anything. */
const timeToBegin = 2 * 60_000;

/**
 * Which letters are on their way to a signature. The id is the `requestId` that the agent is asked with, so that any page of this user finds
 * the agent's operation again, whatever became of the page that began it. A letter is in one open batch at a time.
 */
export class Batches {
  #file;
  #open;
  #now;

  constructor(file, now = Date.now) {
    this.#file = file;
    this.#now = now;
    this.#open = new Map(read(file).map((batch) => [batch.id, batch]));
  }

  /** `ordered`: at once, where this server gives no orders and so never hears that the agent was asked. */
  begin(user, letters, { ordered = false } = {}) {
    this.#dropStale();
    const taken = new Set([...this.#open.values()].flatMap((batch) => batch.letters));
    if (letters.some((id) => taken.has(id))) throw new Refusal(409, 'S-SEDANG-DITANDATANGANI');
    const batch = { id: randomUUID(), user: user.id, letters, createdAt: new Date(this.#now()).toISOString(), ordered };
    this.#open.set(batch.id, batch);
    this.#save();
    return batch;
  }

  of(user) {
    this.#dropStale();
    return [...this.#open.values()].filter((batch) => batch.user === user.id);
  }

  find(user, id) {
    const batch = this.#open.get(id);
    if (batch?.user !== user.id) throw new Refusal(404, 'S-PENANDATANGANAN-TIDAK-ADA');
    return batch;
  }

  markOrdered(batch) {
    batch.ordered = true;
    this.#save();
  }

  end(user, id) {
    if (this.#open.get(id)?.user === user.id && this.#open.delete(id)) this.#save();
  }

  #dropStale() {
    for (const { id, ordered, createdAt } of this.#open.values()) {
      if (!ordered && Date.parse(createdAt) + timeToBegin < this.#now()) this.#open.delete(id);
    }
  }

  #save() {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#open.values()]), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error; // a damaged file must not be taken for an empty one
  }
}
