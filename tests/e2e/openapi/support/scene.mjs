// Scene: one agent with its site, two listed origins (the first one's server signs orders), and the person.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent } from '../../browser/support/agent.mjs';
import { Prompter } from '../../browser/support/prompter.mjs';
import { Site } from '../../browser/support/site.mjs';
import { Door } from './door.mjs';

export const origin = 'https://eoffice.jurukunci.test:8443';
export const orderedOrigin = 'https://perintah.jurukunci.test';
export const shyOrigin = 'https://pemalu.jurukunci.test'; // the one that is refused three times
export const linkHost = 'eoffice.jurukunci.test';

export class Scene {
  #prompters = 0;

  /** `wish`: of the site. `permits`: what the profile permits besides documents. */
  static async start(wish = {}, permits = ['--raw', '--authentication']) {
    const scene = new Scene();
    scene.folder = mkdtempSync(join(tmpdir(), 'jurukunci-openapi-'));
    try {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      scene.orderKey = privateKey;
      const pem = join(scene.folder, 'order-key.pem');
      writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }));
      scene.site = await Site.make(join(scene.folder, 'site'), {
        origins: [orderedOrigin], linkHosts: [linkHost],
        more: ['--order-key', pem, '--origin', origin, '--ra', '--origin', shyOrigin, ...permits], ...wish,
      });
      scene.agent = await Agent.start(scene.site);
      return scene;
    } catch (error) {
      await scene.stop();
      throw error;
    }
  }

  /** A page of an origin, with a session. */
  page(pageOrigin = origin) { return new Door(this.agent.port, pageOrigin).open(); }

  async person(...steps) {
    await this.nobody();
    this.prompter = await Prompter.start({ site: this.site, agent: this.agent, log: join(this.folder, `prompter-${++this.#prompters}`), steps });
  }

  async nobody() {
    await this.prompter?.leave();
    this.prompter = undefined;
  }

  /** An order of the first origin's server; `change` puts other members in. */
  order(documents, change = {}, header = { alg: 'EdDSA', typ: 'jurukunci-order+jws' }) {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: orderedOrigin, aud: 'jurukunci', sub: 'Jana Kusuma', iat: now, exp: now + 300, jti: randomBytes(16).toString('base64url'),
      purpose: 'tte', taskKind: 'persuratan_elektronik', documents, ...change,
    };
    const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return { payload, header, jws: `${text}.${sign(null, Buffer.from(text), this.orderKey).toString('base64url')}` };
  }

  async stop() {
    const faults = [];
    const remove = () => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    for (const ending of [() => this.nobody(), () => this.agent?.stop(), () => this.site?.clear(), remove]) {
      try {
        await ending();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
