// ApplicationPage: the page of an Application in Chromium. Each call here is what the application's own script would do.

export class ApplicationPage {
  #page;
  #ports;

  static async open(chromium, application, ports) {
    const page = new ApplicationPage();
    page.#page = await chromium.newPage();
    page.#ports = ports;
    await page.#page.goto(`${application.origin}/`);
    await page.#page.waitForFunction(() => globalThis.jurukunci);
    await page.#page.evaluate(() => {
      globalThis.post = async (path, value = null) => (await fetch(path, { method: 'POST', body: JSON.stringify(value) })).json();
      globalThis.nonce = async () => (await post('/api/nonce')).nonce;
      globalThis.told = ({ code, name, message, userMessage }) => ({ code, name, message, userMessage });
    });
    return page;
  }

  evaluate(...args) { return this.#page.evaluate(...args); }

  /** How `connect` ended; a session stays in the page. */
  connect(ports = this.#ports) {
    return this.#page.evaluate(async (ports) => {
      const found = await jurukunci.connect({ ports, nonce, checkProof: (evidence) => post('/api/proof', evidence), minimumVersion: '0.1.0' });
      globalThis.session = found.session;
      const { state, agent, agents, impostors } = found;
      return { state, port: agent?.port ?? null, agents: agents?.map(({ port }) => port) ?? [], impostors };
    }, ports);
  }

  /** Enrols with the agent on `port`; answers the codes that the page showed and how it ended. `same`: what the person says in the page. */
  async enrol(port, { same = true } = {}) {
    await this.beginEnrolment(port, same);
    return this.enrolmentEnd();
  }

  beginEnrolment(port, same = true) {
    return this.#page.evaluate(async ({ port, same }) => {
      const { agent } = await jurukunci.discover({ ports: [port] });
      globalThis.codes = [];
      globalThis.stop = new AbortController();
      globalThis.enrolling = jurukunci.enrol(agent, {
        nonce, onCode: (code) => codes.push(code), compared: () => same, checkEnrolment: (evidence) => post('/api/enrolment', evidence), signal: stop.signal,
      }).then(({ publicKey }) => ({ codes, publicKey }), (error) => ({ codes, error: told(error) }));
    }, { port, same });
  }

  abortEnrolment() { return this.#page.evaluate(() => stop.abort()); }

  enrolmentEnd() { return this.#page.evaluate(() => enrolling); }

  login() {
    return this.#page.evaluate(async () => {
      const challengeNonce = await nonce();
      try {
        const token = await jurukunci.authenticate(session, challengeNonce);
        return { token, verdict: await post('/api/login', { token, nonce: challengeNonce }), challengeNonce };
      } catch (error) {
        return { error: told(error) };
      }
    });
  }

  /** Signs `text` as a PDF or detached, with an order of the server, with `order`, or with none (null). */
  sign(base64, { how = 'signDocument', order } = {}) {
    return this.#page.evaluate(async ({ base64, how, order }) => {
      const blob = new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], { type: 'application/pdf' });
      const ordered = async (documents) => {
        const answer = await post('/api/order', { documents });
        if (answer.error) throw new Error(answer.error);
        return globalThis.lastOrder = answer.order;
      };
      try {
        const { operation, signature, documentId } = await jurukunci[how](session, {
          name: 'Surat.pdf', blob, purpose: 'tte', taskKind: 'persuratan_elektronik', ...(order !== null && { order: order ?? ordered }),
        });
        return { state: operation.state, documentId, signature, order: globalThis.lastOrder };
      } catch (error) {
        return { error: told(error) };
      }
    }, { base64, how, order });
  }

  close() { return this.#page.close(); }
}
