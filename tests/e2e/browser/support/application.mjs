// Application: a web application of another maker, as small as docs/integrasi has them: an https server that does with @jurukunci/server what a
// server has to do, and an empty page with @jurukunci/client in it.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './places.mjs';

const { checkEnrolment, checkSessionProof, makeOrder, Nonces, verifyAuthentication } =
  await import(pathToFileURL(join(root, 'web/server/dist/index.js')).href);

const policy = "default-src 'none'; script-src 'self'; connect-src 'self' http://127.0.0.1:*";

export class Application {
  #server;
  #nonces = new Nonces();
  /** The keys that its one user has enrolled. */
  publicKeys = [];
  /** Every verdict it came to, newest last. */
  verdicts = [];
  /** Its own documents by their digest; orders are for these only. */
  documents = new Map();
  /** With `orderKey` (PEM) it signs orders; `anchors` and `intermediates` are for log-ins. */
  orderKey; anchors = []; intermediates = [];
  minimumVersion = '0.1.0';
  user = 'Jana Kusuma';

  static async start({ host, port, certificate }) {
    const application = new Application();
    application.#server = createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, (request, response) => {
      application.#answer(request, response).catch((error) => response.writeHead(500).end(String(error.stack)));
    }).listen(port, '127.0.0.1');
    await once(application.#server, 'listening');
    application.origin = `https://${host}:${port}`;
    return application;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Makes a document its own. */
  own(bytes) {
    this.documents.set(createHash('sha256').update(bytes).digest('hex'), bytes);
    return bytes;
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : null;
    const files = {
      'GET /': ['text/html', '<!doctype html><title>e</title><script type="module" src="/page.js"></script>'],
      'GET /page.js': ['text/javascript', "import * as jurukunci from '/jurukunci.min.js';\nglobalThis.jurukunci = jurukunci;"],
      'GET /jurukunci.min.js': ['text/javascript', readFileSync(join(root, 'web/client/dist/jurukunci.min.js'))],
    };
    const file = files[`${request.method} ${request.url}`];
    if (file) return void response.writeHead(200, { 'content-type': file[0], 'content-security-policy': policy }).end(file[1]);
    const value = await this.#say(request.url, body);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value));
  }

  async #say(path, body) {
    const { origin, publicKeys, minimumVersion } = this;
    const nonce = (one) => this.#nonces.use(one);
    switch (path) {
      case '/api/nonce': return { nonce: this.#nonces.make() };
      case '/api/enrolment': {
        const verdict = this.#note(await checkEnrolment(body, { origin, nonce, minimumVersion }));
        if (verdict.ok) publicKeys.push(verdict.publicKey);
        return { ok: verdict.ok, reason: verdict.reason };
      }
      case '/api/proof': return this.#note(await checkSessionProof(body, { origin, nonce, publicKeys, minimumVersion }));
      case '/api/order': {
        const strangers = body.documents.filter((digest) => !this.documents.has(digest));
        if (strangers.length > 0) return { error: `not ours: ${strangers}` };
        const { orderKey: key, user } = this;
        return { order: makeOrder({ key, origin, user, purpose: 'tte', taskKind: 'persuratan_elektronik', documents: body.documents }) };
      }
      case '/api/login': {
        const { anchors, intermediates } = this;
        const expected = { origin, challengeNonce: body.nonce, useNonce: nonce, anchors, intermediates };
        const verdict = this.#note(await verifyAuthentication(body.token, expected));
        return { ok: verdict.ok, reason: verdict.reason, message: verdict.message, commonName: verdict.commonName };
      }
      default: throw new Error(`no ${path}`);
    }
  }

  #note(verdict) {
    this.verdicts.push(verdict);
    return verdict;
  }
}
