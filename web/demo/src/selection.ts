import type { Letter } from './office';

export interface Filter {
  words: string;
  kind: string;
  status: 'waiting' | 'signed' | 'all';
}

/** All words of the search must be found, wherever they stand. */
export function matches(letter: Letter, { words, kind, status }: Filter): boolean {
  if (kind !== '' && letter.kind !== kind) return false;
  if (status !== 'all' && (status === 'signed') !== (letter.signed !== null)) return false;
  const text = `${letter.title} ${letter.number} ${letter.sender} ${letter.kind}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Which letters the person has marked. What can no longer be signed falls out by itself. */
export class Selection {
  readonly ids = new Set<string>();
  #anchor: string | null = null;

  /** With `range`, everything between this letter and the last one that was touched becomes as this one, in the order that is shown. */
  set(id: string, on: boolean, shown: string[], range: boolean): void {
    const [from, to] = [this.#anchor ?? id, id].map((one) => shown.indexOf(one)) as [number, number];
    const ids = range && from >= 0 && to >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    this.setAll(ids, on);
    this.#anchor = id;
  }

  setAll(ids: string[], on: boolean): void {
    for (const id of ids)
      if (on) this.ids.add(id);
      else this.ids.delete(id);
  }

  keepOnly(signable: Set<string>): void {
    for (const id of this.ids) if (!signable.has(id)) this.ids.delete(id);
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = null;
  }
}
