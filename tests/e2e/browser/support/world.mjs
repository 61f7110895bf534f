// World: everything between a click and a signature: an e-office page of the public network, the browser, the agent, its token, and the
// person. For a test file all of it lives in one temporary folder and ends with the file; the demo gives it a folder to stay in.
import { orderKey } from '../../../../web/demo/server/order-key.mjs';
import { Agent } from './agent.mjs';
import { Audit } from './audit.mjs';
import { Chromium, policyOf } from './chromium.mjs';
import { ClientPage } from './client-page.mjs';
import { Firefox } from './firefox.mjs';
import { Ground, remove } from './ground.mjs';
import { makeServerCertificate } from './https.mjs';
import { LetterPage } from './letter-page.mjs';
import { Office } from './office.mjs';
import { reservePort } from './ports.mjs';
import { Site } from './site.mjs';

export const officeHost = 'eoffice.jurukunci.test';
export const strangerHost = 'asing.jurukunci.test';

export class World extends Ground {
  #browsers = [];
  #pages = [];
  #profiles = 0;

  /**
   * `seconds`, `items`, `unruly`: of the site. `stranger`: a second e-office, whose origin the city has not approved.
   * `granted`: whether the browser's policy permits the pages to call programs on this computer.
   * `agentPorts`: where the pages look for the agent, given its port. `folder`: where to live, and to leave everything.
   * `orders`: whether the city's registry has the e-office's key. `enrolled`: whether the e-office has met this agent before. `authentication`:
   * whether people may log in with their token.
   */
  async build({ stranger = false, granted = true, agentPorts = (port) => [port], folder, orders = true, enrolled = true, ...wish }) {
    this.settle(folder);
    const hosts = stranger ? [officeHost, strangerHost] : [officeHost];
    this.certificate = await makeServerCertificate(this.inside('https'), hosts);
    const places = await Promise.all(hosts.map(async (host) => ({ host, ...await reservePort() })));
    const origins = places.map(({ host, port }) => `https://${host}:${port}`);

    const signsOrders = orders ? { orderKey: orderKey(this.inside(officeHost)).publicFile } : {};
    this.site = await Site.make(this.inside('site'), { origins: [origins[0]], linkHosts: [officeHost], ...signsOrders, ...wish });
    this.atEnd(() => this.site.clear());
    this.audit = new Audit(this.site);
    this.agent = await Agent.start(this.site);
    this.atEnd(() => this.agent.stop());

    const offices = [], loginAnchors = wish.authentication ? [this.site.rootPem, this.site.issuingPem] : [];
    for (const { host, port, release } of places) {
      await release();
      const office = await Office.start({ state: this.inside(host), host, port, agentPorts: agentPorts(this.agent.port), certificate: this.certificate, orders, loginAnchors });
      this.atEnd(() => office.stop());
      offices.push(office);
    }
    [this.office, this.stranger] = offices;
    if (enrolled) this.office.knows(await this.agent.publicKey(this.office.origin));

    this.chromium = await this.browser({ granted: granted ? origins : [] });
  }

  /** Another Chromium, with other permissions or another window; `folder` of an earlier one brings its profile back. */
  async browser({ granted = [this.office.origin], folder = this.inside(`chromium-${++this.#profiles}`), ...window } = {}) {
    const ports = [this.office, this.stranger].filter(Boolean).map(({ origin }) => Number(new URL(origin).port));
    this.atEnd(() => remove(folder));
    const chromium = await Chromium.start({ folder, policy: policyOf({ caDer: this.certificate.caDer, granted }), ports, ...window });
    this.atEnd(() => chromium.stop());
    this.#browsers.push(chromium);
    return chromium;
  }

  /** A Firefox that sees `etc` as the machine's /etc/firefox. */
  async firefox(wish) {
    const ports = [this.office, this.stranger].filter(Boolean).map(({ origin }) => Number(new URL(origin).port));
    const folder = this.inside(`firefox-${++this.#profiles}`);
    this.atEnd(() => remove(folder));
    const firefox = await Firefox.start({ folder, hosts: [officeHost, strangerHost], ports, ...wish });
    this.atEnd(() => firefox.stop());
    this.#browsers.push(firefox);
    return firefox;
  }

  async closeBrowsers() {
    await this.#closePages();
    for (const chromium of this.#browsers.splice(0)) await chromium.stop();
  }

  /** A page of an e-office, whatever it finds. */
  async openPage(office = this.office, chromium = this.chromium) {
    const page = await LetterPage.open(chromium, office.origin);
    this.#pages.push(page);
    return page;
  }

  /** The e-office's page, when it has found the agent. */
  async readyPage(chromium = this.chromium) {
    const page = await this.openPage(this.office, chromium);
    await page.untilReady();
    return page;
  }

  /** A page of the e-office that uses the client library directly. */
  async clientPage(browser = this.chromium) {
    const page = await ClientPage.open(browser, this.office, this.agent.port);
    this.#pages.push(page);
    return page;
  }

  /** Between two scenes. */
  async tidy() {
    await this.#closePages();
    await this.nobody();
    this.site.behave();
  }

  /** What there is to say when a scene fails. */
  account() {
    return [`agent:\n${this.agent.log}`, this.prompter ? `person was shown:\n${this.prompter.story()}\n` : '',
      ...this.#pages.map(({ complaints = [] }) => `page complains:\n${complaints.join('\n')}\n`)].join('');
  }

  async #closePages() { for (const page of this.#pages.splice(0)) await page.close(); }
}
