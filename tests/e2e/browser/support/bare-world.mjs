// BareWorld: an agent, a person who would say yes, and pages of a listed and of an unlisted origin in both browsers. Both origins have the
// browsers' permission, so that everything a page can do to a program on 127.0.0.1 does reach the agent.
import assert from 'node:assert/strict';

import { Agent } from './agent.mjs';
import { Audit } from './audit.mjs';
import { BarePages } from './bare-pages.mjs';
import { until } from './bounded.mjs';
import { Chromium } from './chromium.mjs';
import { Firefox } from './firefox.mjs';
import { Ground } from './ground.mjs';
import { makeServerCertificate } from './https.mjs';
import { Machine } from './machine.mjs';
import { Site } from './site.mjs';

const hosts = { listed: 'eoffice.jurukunci.test', unlisted: 'asing.jurukunci.test', unasked: 'tanpa-izin.jurukunci.test' };

export class BareWorld extends Ground {
  #opened = [];

  async build() {
    this.settle();
    this.certificate = await makeServerCertificate(this.inside('https'), Object.values(hosts));
    this.pages = await BarePages.start(this);
    this.atEnd(() => this.pages.stop());
    this.origins = Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, this.pages.originOf(host)]));
    this.site = await Site.make(this.inside('site'), { origins: [this.origins.listed] });
    this.atEnd(() => this.site.clear());
    this.agent = await Agent.start(this.site);
    this.atEnd(() => this.agent.stop());
    this.audit = new Audit(this.site);
    await this.person('yes');

    const machine = new Machine(this.inside('machine'), this.site, this.certificate);
    const { listed, unlisted } = this.origins;
    machine.put('etc/chromium/policies/managed/uji.json', JSON.stringify({ LoopbackNetworkAllowedForUrls: [listed, unlisted] }));
    machine.put(machine.firefoxFile, JSON.stringify({ policies: { Certificates: { Install: [this.certificate.ca] },
      LocalNetworkAccess: { SkipDomains: [hosts.listed, hosts.unlisted] } } }));
    const ports = [this.pages.port];
    this.chromium = await Chromium.start({ folder: this.inside('chromium'), etc: machine.chromium, ports });
    this.atEnd(() => this.chromium.stop());
    this.firefox = await Firefox.start({ folder: this.inside('firefox'), etc: machine.firefox, hosts: Object.values(hosts), ports });
    this.atEnd(() => this.firefox.stop());
  }

  browsers() { return [['Chromium', this.chromium], ['Firefox', this.firefox]]; }

  /** An empty page of `listed`, `unlisted` or `unasked`. */
  async page(browser, who, path = '/') {
    const page = await browser.newPage();
    this.#opened.push(page);
    await page.goto(this.origins[who] + path);
    return page;
  }

  async closePages() { for (const page of this.#opened.splice(0)) await page.close().catch(() => {}); }

  url(path) { return `http://127.0.0.1:${this.agent.port}${path}`; }

  /** The refusals that the agent has written since `play` began, when there are `count` of them; and nothing but refusals came of it. */
  async refused(count, play) {
    const from = this.agent.log.length, row = await this.audit.head(), asked = this.prompter.questions.length;
    const refusals = () => this.agent.log.slice(from).split('\n').map((line) => line.match(/refused (\S+) (\S+) from (\S*): (E-[A-Z-]+)/)).filter(Boolean)
      .map(([, method, path, origin, code]) => [method, path, origin, code])
      .filter(([, path]) => path !== '/favicon.ico'); // a browser's own idea, whenever a page of the agent's is shown
    await play();
    await until(20_000, `${count} refusals`, () => refusals().length >= count);
    assert.deepEqual(await this.audit.rows(row), [], 'the log of signatures has nothing new');
    assert.equal(this.prompter.questions.length, asked, 'nobody was asked');
    return refusals().sort();
  }

  async tidy() {
    await this.closePages();
    await this.nobody();
  }
}
