// The agent: jurukuncid on a site. It can be killed and started again where it was.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import { Child } from './child.mjs';
import { program } from './places.mjs';

export class Agent {
  #site;
  #earlier = '';

  static async start(site, port = 0) {
    const agent = new Agent();
    agent.#site = site;
    await agent.#launch(port);
    return agent;
  }

  async #launch(port) {
    this.process = new Child(program('jurukuncid', this.#site.bin), ['--port', String(port)], { env: this.#site.environment });
    await this.process.says(/listens on 127\.0\.0\.1/);
    this.port = Number(readFileSync(join(this.#site.environment.XDG_RUNTIME_DIR, 'jurukunci/port'), 'utf8'));
  }

  /** What all its lives have printed. */
  get log() { return this.#earlier + this.process.output; }

  /** Its device key, as it tells it to a page of `origin` that opens a session. */
  async publicKey(origin) {
    const body = JSON.stringify({ nonce: randomBytes(32).toString('base64') });
    const sent = request({ host: '127.0.0.1', port: this.port, method: 'POST', path: '/v1/session', agent: false,
      headers: { origin, 'content-type': 'application/json', 'content-length': body.length } }).end(body);
    const [response] = await once(sent, 'response');
    const chunks = await response.toArray();
    return JSON.parse(Buffer.concat(chunks).toString()).proof.publicKey;
  }

  async kill() {
    this.process.kill();
    await this.process.ended();
  }

  /** A new life on the old port, where the pages look for it. */
  async startAgain() {
    this.#earlier = this.log;
    await this.#launch(this.port);
  }

  async stop(milliseconds) {
    const { code, signal } = await this.process.stop(milliseconds);
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`jurukuncid ended with ${code ?? signal}:\n${this.log}`);
  }
}
