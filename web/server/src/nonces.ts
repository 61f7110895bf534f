import { randomBytes } from 'node:crypto';

/**
 * How a check learns whether the nonce is one that this server made: the very nonce, where it is kept in the user's session, or a question that
 * takes it out of a store. The question is asked once per check, whatever comes of it.
 */
export type NonceCheck = string | ((nonce: string) => boolean | Promise<boolean>);

export interface NoncesOptions {
  /** Milliseconds; five minutes. */
  lifetime?: number;
  /** The oldest gives way to the newest beyond this many; 10 000. */
  most?: number;
  now?: () => number;
}

/**
 * Nonces of one server process, each good once within five minutes. Hand the user's session id (or anything else that stays on the server) as
 * `holder`, and a nonce that was made for one person is none for another. Several processes need one store for all: keep the nonce in the session.
 */
export class Nonces {
  readonly #made = new Map<string, { until: number; holder: string | undefined }>();
  readonly #lifetime: number;
  readonly #most: number;
  readonly #now: () => number;

  constructor({ lifetime = 5 * 60_000, most = 10_000, now = Date.now }: NoncesOptions = {}) {
    this.#lifetime = lifetime;
    this.#most = most;
    this.#now = now;
  }

  /** 32 random bytes in base64: enough for a session, an enrolment and an authentication. */
  make(holder?: string): string {
    // the map keeps the order of making, so the first is the oldest
    for (const [nonce, { until }] of this.#made) {
      if (this.#made.size < this.#most && this.#now() <= until) break;
      this.#made.delete(nonce);
    }
    const nonce = randomBytes(32).toString('base64');
    this.#made.set(nonce, { until: this.#now() + this.#lifetime, holder });
    return nonce;
  }

  /** True once for each nonce; a nonce in the wrong hands is spent as well. */
  use(nonce: unknown, holder?: string): boolean {
    if (typeof nonce !== 'string') return false;
    const made = this.#made.get(nonce);
    this.#made.delete(nonce);
    return made !== undefined && made.holder === holder && this.#now() <= made.until;
  }
}

export async function isExpectedNonce(nonce: string, check: NonceCheck): Promise<boolean> {
  return typeof check === 'string' ? nonce === check : await check(nonce) === true;
}
