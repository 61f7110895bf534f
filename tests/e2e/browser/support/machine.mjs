// Machine: the root of a city's computer with the browser policies that its IT staff have written, and `jurukunci browser-policy` at work on it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { mustRun } from './child.mjs';

export class Machine {
  #site;

  /** The staff have installed the certification authority of the city's pages in both browsers, and more. */
  constructor(root, site, { ca, caDer }) {
    this.root = root;
    this.#site = site;
    this.put(this.firefoxFile, `${JSON.stringify({ policies: { DisableTelemetry: true, Certificates: { Install: [ca] } } }, null, 4)}\n`);
    this.put('etc/chromium/policies/managed/kota.json', JSON.stringify({ CACertificates: [caDer.toString('base64')] }));
  }

  firefoxFile = 'etc/firefox/policies/policies.json';
  ownFiles = ['chromium', 'opt/chrome', 'opt/edge'].map((browser) => `etc/${browser}/policies/managed/jurukunci.json`);

  /** What a browser is shown as the machine's. */
  get chromium() { return join(this.root, 'etc/chromium'); }
  get firefox() { return join(this.root, 'etc/firefox'); }

  put(path, text) {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path) { return readFileSync(join(this.root, path), 'utf8'); }

  /** Answers code and JSON. */
  async browserPolicy(...args) {
    const { code, stdout } = await this.#site.jurukunci('browser-policy', ...args, '--root', this.root, '--json');
    return { code, ...JSON.parse(stdout) };
  }

  /** Every name with its kind, mode, owner and content, as `diff -r` would look at it. */
  async picture() {
    const look = 'cd "$0" && find . -printf "%p %y %m %U:%G %l\\n" | sort && find . -type f -exec sha256sum {} + | sort';
    const { stdout } = await mustRun('sh', ['-c', look, this.root]);
    return stdout;
  }
}
