// The agent's audit log: its own verdict on it, and its rows as they lie in the file.
import { join } from 'node:path';

import { until } from './bounded.mjs';
import { mustRun } from './child.mjs';

export class Audit {
  #site;

  constructor(site) { this.#site = site; }

  /** `jurukunci audit verify`. */
  async verdict() {
    const { code, stdout } = await this.#site.jurukunci('audit', 'verify', '--json');
    return { code, ...JSON.parse(stdout) };
  }

  async rows(after = 0) {
    const { stdout } = await mustRun('sqlite3', ['-readonly', '-json', join(this.#site.state, 'audit.db'),
      `SELECT row, kind, operation, body FROM log WHERE row > ${after} ORDER BY row`]);
    return (stdout.trim() ? JSON.parse(stdout) : []).map((row) => ({ ...row, body: JSON.parse(row.body) }));
  }

  until(after, kind, milliseconds = 20_000) {
    return until(milliseconds, `a row "${kind}" in the log`, async () => (await this.rows(after)).find((row) => row.kind === kind));
  }

  /** The number of the newest row; hand it to `rows` to see what came since. */
  async head() { return (await this.rows()).at(-1)?.row ?? 0; }
}
