// LoginWorld: a web server that lets in whoever shows a certificate of the city's authority and proves its key in the TLS handshake, and
// Firefox, which the city's policy has given our PKCS#11 module.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import { Agent } from './agent.mjs';
import { Audit } from './audit.mjs';
import { Firefox } from './firefox.mjs';
import { Ground } from './ground.mjs';
import { makeServerCertificate } from './https.mjs';
import { Machine } from './machine.mjs';
import { pkcs11Module } from './places.mjs';
import { Site } from './site.mjs';

const host = 'masuk.jurukunci.test';

export class LoginWorld extends Ground {
  async build({ localPrograms, key }) {
    this.settle();
    this.certificate = await makeServerCertificate(this.inside('https'), [host]);
    const terms = localPrograms ? ['--local-programs', localPrograms] : [];
    this.site = await Site.make(this.inside('site'), { origins: [`https://${host}`], more: ['--key', key, '--key-usage', 'critical,digitalSignature', ...terms] });
    this.atEnd(() => this.site.clear());
    this.audit = new Audit(this.site);
    this.agent = await Agent.start(this.site);
    this.atEnd(() => this.agent.stop());
    await this.#serve();

    const machine = new Machine(this.inside('machine'), this.site, this.certificate);
    machine.put(machine.firefoxFile, JSON.stringify({ policies: {
      Certificates: { Install: [this.certificate.ca] }, SecurityDevices: { Add: { Jurukunci: pkcs11Module() } },
    } }));
    this.firefox = await Firefox.start({ folder: this.inside('firefox'), etc: machine.firefox, hosts: [host], ports: [this.port],
      more: { 'security.default_personal_cert': 'Select Automatically' }, environment: this.site.environment });
    this.atEnd(() => this.firefox.stop());
  }

  async #serve() {
    const { cert, key } = this.certificate;
    const server = createServer({
      cert: readFileSync(cert), key: readFileSync(key), ca: [readFileSync(this.site.rootPem), readFileSync(this.site.issuingPem)],
      requestCert: true, rejectUnauthorized: false,
    }, ({ socket }, answer) => {
      const name = socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody';
      answer.setHeader('content-type', 'text/plain').setHeader('connection', 'close').end(name);
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    this.port = server.address().port;
    this.atEnd(() => { server.close(); server.closeAllConnections(); });
  }

  /** Whom the server took the browser for. */
  async visit() {
    const page = await this.firefox.newPage();
    try {
      await page.goto(`https://${host}:${this.port}/`);
      return await page.evaluate(() => document.body.innerText);
    } finally {
      await page.close();
    }
  }

  async tidy() { await this.nobody(); }

  account() { return `agent:\n${this.agent.log}`; }
}
