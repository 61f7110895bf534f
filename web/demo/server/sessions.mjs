import { randomBytes } from 'node:crypto';

const name = '__Host-eoffice';
const lifetime = 8 * 60 * 60_000;
const mostAtOnce = 1000;

/** The official of the demo. A real application has a register of users here, and the log-in that it always had. */
export const users = [{ id: 'jana.kusuma', name: 'Jana Kusuma', position: 'Sekretaris Daerah' }];

/** Who is signed in: random cookies for users, in memory, so a restart of the server signs everybody out. */
export class Sessions {
  #open = new Map();

  /** The value of Set-Cookie. The prefix holds the cookie to this host, https and the whole site. */
  begin(user, how) {
    if (this.#open.size >= mostAtOnce) this.#open.delete(this.#open.keys().next().value);
    const secret = randomBytes(32).toString('base64url');
    this.#open.set(secret, { user, how, until: Date.now() + lifetime });
    return `${name}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict`;
  }

  /** `{user, how}`, or null. */
  find(request) {
    const session = this.#open.get(cookieOf(request));
    return session && Date.now() < session.until ? session : null;
  }

  end(request) {
    this.#open.delete(cookieOf(request));
    return `${name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
  }
}

function cookieOf(request) {
  return new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
}
