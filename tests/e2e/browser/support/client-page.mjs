// ClientPage: a page of the e-office that uses @jurukunci/client directly, as another application would, with the e-office's server behind it.
import { join } from 'node:path';

import { root, vite } from './places.mjs';

/** The client as one script; it reaches the page as the page's own code would, so fetch and permissions are the page's. */
async function bundledClient() {
  const { build } = await vite();
  const [{ output }] = await build({
    configFile: false, logLevel: 'silent',
    build: { write: false, minify: false, target: 'es2022', lib: { entry: join(root, 'web/client/dist/index.js'), formats: ['iife'], name: 'jurukunci' } },
  });
  return `${output[0].code}\nglobalThis.jurukunci = jurukunci;`;
}

let bundle; // the same for every page of a file

export class ClientPage {
  #page;
  #port;

  /** Opens a session with the agent on `port`. */
  static async open(browser, office, port) {
    const client = new ClientPage();
    client.#page = await browser.newPage();
    client.#port = port;
    await client.#page.goto(`${office.origin}/cek/nota-dinas`); // a page of the origin without scripts of its own
    await client.#begin();
    return client;
  }

  /** The person presses the browser's button; what the page knew is gone. */
  async reload() {
    await this.#page.reload();
    await this.#begin();
  }

  async #begin() {
    await this.#page.evaluate(await (bundle ??= bundledClient()));
    await this.#page.evaluate(async (agentPort) => {
      const post = async (path, value) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })).json();
      await post('/api/session/demo'); // letters are for those who are signed in
      const found = await jurukunci.discover({ ports: [agentPort] });
      if (found.state !== 'ready') throw new Error(found.state);
      globalThis.session = await jurukunci.openSession(found.agent, {
        nonce: async () => (await post('/api/nonce')).nonce, checkProof: async (evidence) => (await post('/api/proof', evidence)).ok,
      });
    }, this.#port);
  }

  /** Begins to sign `count` copies of one letter in one list, and does not wait for the end. */
  async beginBatch(letter, count) {
    await this.#page.evaluate(async ({ letter, count }) => {
      const { id } = await jurukunci.upload(session, await (await fetch(`/api/letters/${letter}/file`)).blob());
      const items = Array.from({ length: count }, (_, i) => ({ name: `Surat ${i + 1}.pdf`, documentId: id }));
      globalThis.progress = [];
      globalThis.batch = jurukunci.signBatch(session, {
        items, purpose: 'tte', taskKind: 'persuratan_elektronik', onProgress: ({ phase, done }) => progress.push({ phase, done }),
      }).then((result) => ({ result }), ({ code, message, operation }) => ({ error: { code, message, operation } }));
    }, { letter, count });
  }

  /** How many the page has been told are signed. */
  signedSoFar() { return this.#page.evaluate(() => progress.filter(({ phase }) => phase === 'signing').at(-1)?.done ?? 0); }

  /** How the batch ended in the page's eyes: `result` or `error`. */
  batchEnd() { return this.#page.evaluate(() => batch); }

  /** `GET /v1/operations`. */
  operations() { return this.#page.evaluate(() => jurukunci.operations(session)); }

  /** Follows an operation, also one that it did not begin, to its end. */
  followed(id) { return this.#page.evaluate((id) => jurukunci.watch(session, id), id); }

  /** The bytes of a signed document. */
  async document(id) {
    const base64 = await this.#page.evaluate(async (id) => {
      const bytes = new Uint8Array(await (await jurukunci.content(session, id)).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    }, id);
    return Buffer.from(base64, 'base64');
  }

  close() { return this.#page.close(); }
}
