// Squatter: a program of somebody else on a port where the page looks for its agent. It speaks the protocol as well as the agent does, answers every
// origin, and lacks only the agent's key. `pretends`: the public key that it shows in place of its own.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

export class Squatter {
  #keys = generateKeyPairSync('ed25519');
  #pretends;
  #server = createServer((request, response) => void this.#answer(request, response));
  /** `METHOD /path` of all it was asked, and the bodies. */
  calls = [];
  /** Kept so that it can answer an enrolment at once with a good proof of its own key. */
  #enrolment;

  static async start({ pretends } = {}) {
    const squatter = new Squatter();
    squatter.#pretends = pretends;
    squatter.#server.listen(0, '127.0.0.1');
    await once(squatter.#server, 'listening');
    return squatter;
  }

  get port() { return this.#server.address().port; }

  get publicKey() { return this.#pretends ?? this.#keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'); }

  get asked() { return this.calls.filter(({ what }) => !what.startsWith('OPTIONS')).map(({ what }) => what); }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #proof(...lines) {
    const signature = sign(null, Buffer.from(lines.join('\n')), this.#keys.privateKey).toString('base64');
    return { algorithm: 'Ed25519', publicKey: this.publicKey, signature };
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : null;
    const what = `${request.method} ${request.url.split('?')[0]}`;
    this.calls.push({ what, body });
    const { origin = '' } = request.headers;
    response.setHeader('access-control-allow-origin', origin || '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const [status, value] = this.#say(what, origin, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  #say(what, origin, body) {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
    switch (what) {
      case 'GET /v1/hello': return [200, { name: 'jurukunci', version: '0.1.0', apiLevel: 1, environment: 'uji' }];
      case 'POST /v1/session': {
        const proof = this.#proof('jurukunci-session-v1', origin, this.port, body.nonce, '0.1.0', 'uji', expiresAt);
        return [200, { token: randomBytes(32).toString('base64url'), expiresAt, proof }];
      }
      case 'POST /v1/enrolments': {
        const { publicKey } = this;
        const digest = createHash('sha256').update(['jurukunci-code-v1', origin, body.nonce, publicKey].join('\n')).digest();
        const code = String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
        this.#enrolment = { id: 'n_1', state: 'confirmed', revision: 2, publicKey, code, expiresAt, error: null,
          proof: this.#proof('jurukunci-enrolment-v1', origin, this.port, body.nonce, '0.1.0', 'uji', code) };
        return [202, { enrolment: { ...this.#enrolment, state: 'waiting_consent', revision: 1, proof: null } }];
      }
      case 'GET /v1/enrolments/n_1': return [200, this.#enrolment];
      default: return [200, { tokens: [], operations: [] }];
    }
  }
}
