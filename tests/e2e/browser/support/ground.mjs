// Ground: what every world of the scenes stands on: a folder of its own, the person at the computer, and the end of all that was begun.
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Prompter } from './prompter.mjs';

export const remove = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/** A world has `site` and `agent` before a person sits down, and `tidy()`, which is called between two scenes and before the end. */
export class Ground {
  #endings = [];
  #prompters = 0;

  /**
   * Builds it; what was begun of a world that does not come to be ends, too. A reserved port is free for a moment before its server takes it: where
   * somebody else was faster, all is built anew on another one. A world in a folder of its own is not; what it left is in the way.
   */
  static async start(wish = {}, turns = 3) {
    const world = new this();
    try {
      await world.build(wish);
      return world;
    } catch (error) {
      await world.stop().catch(() => {});
      if (turns > 1 && !wish.folder && /EADDRINUSE/.test(error.message)) return this.start(wish, turns - 1);
      throw error;
    }
  }

  /** Settles in `folder`, or in one that goes with the world. */
  settle(folder) {
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'jurukunci-e2e-'));
    if (!folder) this.atEnd(() => remove(this.folder));
  }

  inside(name) {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** The person sits down, with these answers; whoever sat there before leaves. */
  async person(...steps) {
    await this.nobody();
    this.prompter = await Prompter.start({ site: this.site, agent: this.agent, log: join(this.folder, `prompter-${++this.#prompters}`), steps });
    return this.prompter;
  }

  async nobody() {
    await this.prompter?.leave();
    this.prompter = undefined;
  }

  atEnd(ending) { this.#endings.unshift(ending); }

  /** Ends all, the last begun first, and tells of the first that did not end well. */
  async stop() {
    const faults = [];
    for (const ending of [() => this.tidy(), ...this.#endings.splice(0)]) await Promise.resolve().then(ending).catch((fault) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  }
}
