import { randomBytes } from 'node:crypto';

const lifetime = 5 * 60_000;
const mostAtOnce = 1000;

/** Nonces for sessions with the agent: made here, good for one check within five minutes. */
export class Nonces {
  #expiry = new Map();
  #now;

  constructor(now = Date.now) {
    this.#now = now;
  }

  make() {
    // the map keeps the order of making, so the first is the oldest
    if (this.#expiry.size >= mostAtOnce) this.#expiry.delete(this.#expiry.keys().next().value);
    const nonce = randomBytes(32).toString('base64');
    this.#expiry.set(nonce, this.#now() + lifetime);
    return nonce;
  }

  /** True once for each nonce. */
  use(nonce) {
    const expiry = this.#expiry.get(nonce);
    this.#expiry.delete(nonce);
    return expiry !== undefined && this.#now() <= expiry;
  }
}
