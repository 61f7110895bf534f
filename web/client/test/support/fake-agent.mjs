// The HTTP door of docs/protocol/http.md with a person who answers when the test says so. No browser rules. It signs proofs with `keys`, where it has
// some, as an agent or a convincing squatter would; documents it signs in name only.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';

const refusals = {
  'E-SESI-TIDAK-ADA': [401, 'Sesi tidak ada.'],
  'E-SUDAH-BERJALAN': [409, 'Penandatanganan sudah berjalan.'],
  'E-PERMINTAAN-BERBEDA': [409, 'Nomor permintaan sudah dipakai permintaan lain.'],
  'E-TIDAK-DITEMUKAN': [404, 'Tidak ditemukan.'],
  'E-BELUM-TERSEDIA': [501, 'Belum tersedia.'],
  'E-DIBATALKAN-PENANDA-TANGAN': [403, 'Anda membatalkan.'],
  'E-TIDAK-ADA-JAWABAN': [504, 'Tidak ada jawaban.'],
  'E-TERLALU-BANYAK': [429, 'Terlalu banyak permintaan.'],
  'E-PERMINTAAN-TIDAK-SAH': [400, 'Permintaan tidak sah.'],
};

/** The origin of all pages here: Node's fetch sends none. */
export const pageOrigin = 'https://eoffice.example.go.id';

export const deviceKeys = () => generateKeyPairSync('ed25519');
export const publicKeyOf = ({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const proofOf = (keys, lines) => {
  const signature = sign(null, Buffer.from(lines.join('\n')), keys.privateKey).toString('base64');
  return { algorithm: 'Ed25519', publicKey: publicKeyOf(keys), signature };
};

export const wireError = (code, userMessage) =>
  ({ code, message: `about ${code}`, userMessage, retriable: false, rule: '14.7', citation: 'Pasal 15', remedy: 'Mulai lagi.' });

const cancelled = { state: 'cancelled', error: wireError('E-DIBATALKAN-APLIKASI', 'Aplikasi membatalkan.') };

export class FakeAgent {
  /** Every request as `METHOD /path`, with `query`, `headers` and `body`. */
  calls = [];
  version = '0.1.0';
  expiresAt = '2999-01-01T00:00:00Z';
  enrolments = new Map();
  certificates = [];
  documents = new Map();
  operations = new Map();
  #sessions = new Set();
  #lost = [];
  #held = new Map();
  #polls = new Set();
  #server = createServer((request, response) => void this.#serve(request, response));

  static async start(t, changes = {}) {
    const agent = Object.assign(new FakeAgent(), changes);
    await new Promise((resolve) => agent.#server.listen(0, '127.0.0.1', resolve));
    t.after(() => agent.stop());
    return agent;
  }

  get port() { return this.#server.address().port; }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  callsOf(what) { return this.calls.filter((call) => call.what === what); }

  /** The agent was started again: documents and operations are kept, sessions are not. */
  forgetSessions() { this.#sessions.clear(); }

  /** The next such call is carried out, but its answer never arrives; `partly` breaks it after the headers. */
  loseAnswer(what, partly = false) { this.#lost.push({ what, partly }); }

  /** The answer to the next such call leaves only when the promise is done. */
  holdAnswer(what, until) { this.#held.set(what, until); }

  /** Resolves when the page is waiting for the person. */
  async asked() {
    for (;;) {
      for (const operation of this.operations.values()) if (operation.state === 'waiting_consent') return operation;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  change(operation, change) {
    Object.assign(operation, change, { revision: operation.revision + 1 });
    for (const wake of this.#polls) wake();
  }

  enterPin(operation) { this.change(operation, { state: 'signing' }); }

  finish(operation) {
    const { format } = JSON.parse(operation.body);
    const items = operation.items.map((item, index) => {
      if (item.state !== 'sealed') return item;
      if (format !== 'PAdES') return { ...item, state: 'signed', signature: this.signature ?? 'c2lnbmVk' };
      const id = `d_signed_${index}`;
      this.documents.set(id, Buffer.concat([this.sealed(operation, index), Buffer.from('\nsigned')]));
      return { ...item, state: 'signed', documentId: id };
    });
    this.change(operation, { state: 'done', items, done: items.length });
  }

  sealed(operation, index) { return operation.sealedBytes[index]; }

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const what = `${request.method} ${pathname}`;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const isJson = request.headers['content-type'] === 'application/json';
    const call = { what, query: Object.fromEntries(searchParams), headers: request.headers, body: isJson ? JSON.parse(bytes) : bytes };
    this.calls.push(call);
    const [status, body] = await this.#answer(what, call).catch((error) => {
      if (!refusals[error.message]) throw error;
      const [code, sentence] = refusals[error.message];
      return [code, { error: wireError(error.message, sentence) }];
    });
    const held = this.#held.get(what);
    this.#held.delete(what);
    await held;
    const lost = this.#lost.findIndex((one) => what === one.what);
    const content = Buffer.isBuffer(body) ? body : Buffer.from(body === null ? '' : JSON.stringify(body));
    if (lost < 0) return void response.writeHead(status, { 'content-length': content.length }).end(content);
    const [{ partly }] = this.#lost.splice(lost, 1);
    if (!partly) return void request.socket.destroy();
    response.writeHead(status, { 'content-length': content.length });
    response.write(content.subarray(0, 5), () => request.socket.destroy());
  }

  async #answer(what, { query, headers, body }) {
    if (what === 'GET /v1/hello') return [200, { name: 'jurukunci', version: this.version, apiLevel: this.apiLevel ?? 1, environment: 'uji' }];
    if (what === 'POST /v1/session') {
      const token = randomUUID();
      this.#sessions.add(token);
      const { keys, expiresAt } = this;
      const lines = ['jurukunci-session-v1', pageOrigin, this.port, body.nonce, this.version, 'uji', expiresAt];
      const proof = keys ? proofOf(keys, lines) : { algorithm: 'Ed25519', publicKey: 'a2V5', signature: `of ${body.nonce}` };
      return [200, { token, expiresAt, proof, ...this.sessionChanges }];
    }
    if (what === 'POST /v1/enrolments') return [202, { enrolment: this.#enrol(body) }];
    const enrolment = this.enrolments.get(what.split('/v1/enrolments/')[1]);
    if (enrolment && what.startsWith('DELETE')) this.change(enrolment, cancelled);
    else if (enrolment && query.wait) await this.#later(() => enrolment.revision > Number(query.seen ?? 0));
    if (enrolment) return [200, enrolment];
    if (!this.#sessions.has(headers.authorization?.replace('Bearer ', ''))) throw new Error('E-SESI-TIDAK-ADA');
    if (what === 'GET /v1/status') return [200, { tokens: [{ label: 'Jana K.' }] }];
    if (what === 'GET /v1/certificates') return [200, this.certificates];
    if (what === 'POST /v1/encryptions' || what === 'POST /v1/decryptions') throw new Error('E-BELUM-TERSEDIA');
    if (what === 'POST /v1/authenticate') return [200, await this.authentication(body)];
    if (what === 'GET /v1/operations') return [200, { operations: [...this.operations.values()].map(shown) }];
    if (what === 'POST /v1/documents') {
      const id = `d_${this.documents.size + 1}`;
      this.documents.set(id, body);
      return [201, { id, size: body.length, sha256: createHash('sha256').update(body).digest('hex') }];
    }
    if (what === 'POST /v1/verifications') return [200, { conclusion: 'valid', signatures: [], notChecked: ['revocation'] }];
    if (what === 'POST /v1/signatures') return [202, { operation: shown(this.#begin(body)) }];
    const [, kind, id] = what.match(/^\w+ \/v1\/(\w+)\/([^/]+)/) ?? [];
    if (kind === 'documents' && this.documents.has(id)) {
      if (what.startsWith('GET')) return [200, this.documents.get(id)];
      this.documents.delete(id);
      return [204, null];
    }
    const operation = kind === 'operations' && this.operations.get(id);
    if (!operation) throw new Error('E-TIDAK-DITEMUKAN');
    if (what.startsWith('DELETE')) {
      if (operation.state !== 'waiting_consent') throw new Error('E-SUDAH-BERJALAN');
      this.change(operation, cancelled);
    } else if (query.wait) {
      await this.#later(() => operation.revision > Number(query.seen ?? 0));
    }
    return [200, shown(operation)];
  }

  /** The person pressed "Sama"; `changes` for what only a squatter would do. */
  confirm(enrolment, changes = {}) {
    const { nonce, publicKey, code } = enrolment;
    const lines = ['jurukunci-enrolment-v1', pageOrigin, this.port, nonce, this.version, 'uji', code];
    this.change(enrolment, { state: 'confirmed', proof: { ...proofOf(this.keys, lines), publicKey }, ...changes });
  }

  #enrol({ nonce }) {
    const publicKey = publicKeyOf(this.keys);
    const digest = createHash('sha256').update(['jurukunci-code-v1', pageOrigin, nonce, publicKey].join('\n')).digest();
    const enrolment = {
      id: `n_${this.enrolments.size + 1}`, state: 'waiting_consent', revision: 1, publicKey, nonce, proof: null, error: null,
      code: String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0'), expiresAt: '2999-01-01T00:00:00Z', ...this.enrolmentChanges,
    };
    this.enrolments.set(enrolment.id, enrolment);
    return enrolment;
  }

  #begin(body) {
    for (const known of this.operations.values()) {
      if (known.requestId !== body.requestId) continue;
      if (known.body !== JSON.stringify(body)) throw new Error('E-PERMINTAAN-BERBEDA');
      return known;
    }
    const operation = {
      id: `o_${this.operations.size + 1}`, requestId: body.requestId, revision: 1, state: 'waiting_consent', done: 0, total: body.items.length,
      items: body.items.map(({ name }) => ({ name, state: 'sealed' })), error: null, marking: 'TOKEN UJI – TIDAK SAH',
      body: JSON.stringify(body), sealedBytes: body.items.map(({ documentId }) => this.documents.get(documentId)),
    };
    this.operations.set(operation.id, operation);
    return operation;
  }

  async #later(ready) {
    while (!ready()) {
      await new Promise((resolve) => {
        const wake = () => { this.#polls.delete(wake); resolve(); };
        this.#polls.add(wake);
      });
    }
  }
}

function shown({ body, sealedBytes, ...operation }) {
  return operation;
}
