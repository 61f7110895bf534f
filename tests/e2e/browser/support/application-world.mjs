// ApplicationWorld: the real agent, its token and Chromium, and an application of another maker in place of the demo's e-office.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Agent } from './agent.mjs';
import { ApplicationPage } from './application-page.mjs';
import { Application } from './application.mjs';
import { Audit } from './audit.mjs';
import { mustRun } from './child.mjs';
import { Chromium, policyOf } from './chromium.mjs';
import { Ground } from './ground.mjs';
import { makeServerCertificate } from './https.mjs';
import { reservePort } from './ports.mjs';
import { Site } from './site.mjs';

const host = 'aplikasi.jurukunci.test';

export class ApplicationWorld extends Ground {
  #pages = [];

  /** `orders`: the registry demands orders of the application's server. `more`: further words for jurukunci-test-site. */
  async build({ orders = false, more = [], ...site }) {
    const wish = { more, ...site };
    this.settle();
    const certificate = await makeServerCertificate(this.inside('https'), [host]);
    const { port, release } = await reservePort();
    const keyFile = join(this.folder, 'order-key.pem'), publicFile = join(this.folder, 'order-key.pub.pem');
    await mustRun('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', keyFile]);
    await mustRun('openssl', ['pkey', '-in', keyFile, '-pubout', '-out', publicFile]);

    this.site = await Site.make(this.inside('site'), { origins: [`https://${host}:${port}`], ...(orders && { orderKey: publicFile }), ...wish });
    this.atEnd(() => this.site.clear());
    this.audit = new Audit(this.site);
    this.agent = await Agent.start(this.site);
    this.atEnd(() => this.agent.stop());
    await release();
    this.application = await Application.start({ host, port, certificate });
    this.atEnd(() => this.application.stop());
    const etc = this.site.environment.JURUKUNCI_SYSCONFDIR;
    Object.assign(this.application, {
      orderKey: readFileSync(keyFile),
      anchors: [readFileSync(join(etc, 'anchors/root.pem'))], intermediates: [readFileSync(join(etc, 'anchors/issuing.pem'))],
    });
    const folder = this.inside('chromium');
    const policy = policyOf({ caDer: certificate.caDer, granted: [this.application.origin] });
    this.chromium = await Chromium.start({ folder, policy, ports: [port] });
    this.atEnd(() => this.chromium.stop());
  }

  async page(ports = [this.agent.port]) {
    const page = await ApplicationPage.open(this.chromium, this.application, ports);
    this.#pages.push(page);
    return page;
  }

  /** A page with a session, by an agent that was enrolled on the way. */
  async connectedPage() {
    const page = await this.page();
    if (this.application.publicKeys.length === 0) {
      await this.person('yes');
      const { error } = await page.enrol(this.agent.port);
      if (error) throw new Error(`not enrolled: ${JSON.stringify(error)}`);
      await this.nobody();
    }
    const { state } = await page.connect();
    if (state !== 'ready') throw new Error(`the page is ${state}`);
    return page;
  }

  /** Between two scenes. */
  async tidy() {
    for (const page of this.#pages.splice(0)) await page.close();
    await this.nobody();
    this.application.verdicts.length = 0;
  }

  account() {
    const questions = this.prompter?.questions.map((one) => JSON.stringify(one)) ?? [];
    return [`agent:\n${this.agent.log}`, `person was shown:\n${questions.join('\n')}\n`,
      `server said:\n${this.application.verdicts.map(({ ok, reason, message }) => `${ok} ${reason ?? ''} ${message ?? ''}`).join('\n')}\n`].join('');
  }
}
