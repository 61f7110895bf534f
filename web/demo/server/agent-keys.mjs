import { readFileSync, writeFileSync } from 'node:fs';

import { checkEnrolment, checkSessionProof } from '@jurukunci/server';

/**
 * The device keys of the agents that the official has made known, one for each computer. The demo has one official; a real application keeps
 * these per user, shows them in the account page, and lets the user take one away.
 */
export class AgentKeys {
  #file;

  constructor(file) {
    this.#file = file;
  }

  /** Whether the agent that opened a session is one that was enrolled. */
  check(evidence, expected) {
    return checkSessionProof(evidence, { ...expected, publicKeys: this.#keys().map(({ publicKey }) => publicKey) });
  }

  /** Keeps the key of an agent whose code the person has compared. */
  async enrol(evidence, expected) {
    const verdict = await checkEnrolment(evidence, expected);
    if (verdict.ok) this.add(verdict.publicKey);
    return verdict;
  }

  add(publicKey) {
    const keys = this.#keys();
    if (keys.some((one) => one.publicKey === publicKey)) return;
    writeFileSync(this.#file, `${JSON.stringify([...keys, { publicKey, since: new Date().toISOString() }], null, 2)}\n`, { mode: 0o600 });
  }

  #keys() {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error; // a damaged file must not be taken for a first visit
    }
  }
}
