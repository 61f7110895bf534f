// Debian's Firefox ESR, headless, with policies of its own: the machine's /etc/firefox is covered in a mount namespace, never changed. It has the
// words of Playwright's browser and page as far as these tests use them.
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Bidi } from './bidi.mjs';
import { until, within } from './bounded.mjs';
import { Child } from './child.mjs';
import { firefoxProgram } from './places.mjs';

/** Pages from these ports count as public, as an office's server would. All names of the tests lead here, none leads out. */
const preferences = (hosts, ports) => ({
  'network.lna.address_space.public.override': ports.map((port) => `127.0.0.1:${port}`).join(','),
  'network.dns.localDomains': hosts.join(','),
  'network.trr.mode': 5,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.normandy.enabled': false,
  'intl.accept_languages': 'id-ID',
});

export class Firefox {
  bidi;

  /** `etc`: the folder that it sees as /etc/firefox. `more`: preferences beside ours. `environment`: where the agent is found. */
  static async start({ folder, etc, hosts, ports, more = {}, environment = {} }) {
    accessSync(firefoxProgram, constants.X_OK); // a missing one is a failure
    const firefox = new Firefox();
    const profile = join(folder, 'profile'), home = join(folder, 'home');
    for (const path of [profile, home]) mkdirSync(path, { recursive: true });
    const wanted = Object.entries({ ...preferences(hosts, ports), ...more });
    const lines = wanted.map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    writeFileSync(join(profile, 'user.js'), lines.join(''));
    firefox.process = new Child('unshare', [...namespaceOf(folder, etc), firefoxProgram, '--headless', '--no-remote', '--profile', profile,
      '--remote-debugging-port', '0'], { env: { ...environment, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home } });
    const [, url] = await firefox.process.says(/WebDriver BiDi listening on (ws:\S+)/, { milliseconds: 60_000 });
    firefox.bidi = await Bidi.connect(url);
    return firefox;
  }

  async newPage() {
    const { context } = await this.bidi.call('browsingContext.create', { type: 'tab' });
    return new FirefoxPage(this.bidi, context);
  }

  kill() { this.process.kill(); }

  /** Once is enough. */
  async stop() {
    if (this.stopped || this.process.how) return;
    this.stopped = true;
    try {
      await this.bidi.call('browser.close', {}, 20_000);
      await this.process.ended();
    } finally {
      this.bidi.close();
      this.process.kill();
    }
  }
}

/** A mount point is needed, and few machines have an /etc/firefox: /etc is copied into memory, given one, and laid over itself. */
function namespaceOf(folder, etc) {
  const asRoot = process.getuid() === 0 ? [] : ['--map-root-user'], memory = join(folder, 'etc-in-memory');
  mkdirSync(memory, { recursive: true });
  const script = `mount -t tmpfs none "$0" && { cp -a /etc/. "$0" 2>"$0/.cp"; mkdir -p "$0/firefox"; } &&
    mount --bind "$1" "$0/firefox" && mount --rbind "$0" /etc && shift && exec "$@"`;
  return [...asRoot, '--mount', 'sh', '-c', script, memory, etc];
}

class FirefoxPage {
  #bidi;
  #context;

  constructor(bidi, context) {
    this.#bidi = bidi;
    this.#context = context;
  }

  async goto(url) { await this.#bidi.call('browsingContext.navigate', { context: this.#context, url, wait: 'complete' }); }

  async reload() { await this.#bidi.call('browsingContext.reload', { context: this.#context, wait: 'complete' }); }

  /** A function of the page with one argument, or a script; both travel as JSON. */
  async evaluate(what, argument = null) {
    const target = { context: this.#context };
    const said = typeof what === 'string'
      ? await this.#bidi.call('script.evaluate', { expression: `${what};undefined`, target, awaitPromise: true })
      : await this.#bidi.call('script.callFunction', {
        functionDeclaration: `async (text) => JSON.stringify(await (${what})(JSON.parse(text)) ?? null)`,
        arguments: [{ type: 'string', value: JSON.stringify(argument) }], target, awaitPromise: true,
      });
    if (said.type === 'exception') throw new Error(said.exceptionDetails.text);
    return said.result.type === 'string' ? JSON.parse(said.result.value) : undefined;
  }

  waitForFunction(look, argument, { timeout = 20_000 } = {}) {
    return until(timeout, `the page answers ${look}`, () => this.evaluate(look, argument));
  }

  close() { return within(20_000, 'the page closes', this.#bidi.call('browsingContext.close', { context: this.#context })); }
}
