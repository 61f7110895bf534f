// Debian's Chromium, headless, with a managed policy of its own: the machine's /etc/chromium is covered in a mount namespace, never changed.
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { within } from './bounded.mjs';
import { chromiumProgram, playwright } from './places.mjs';

export const policyOf = ({ caDer, granted }) => ({
  CACertificates: [caDer.toString('base64')],
  ...(granted.length > 0 && { LoopbackNetworkAllowedForUrls: granted }),
});

/** Chromium counts pages from 127.0.0.1 as loopback; these count as public, as an office's server would. All other names lead nowhere. */
export const pageArguments = (ports) => [
  `--ip-address-space-overrides=${ports.map((port) => `127.0.0.1:${port}=public`).join(',')}`,
  '--host-resolver-rules=MAP *.jurukunci.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export class Chromium {
  /** `etc`: the folder that it sees as /etc/chromium; without one, `policy` alone is there. */
  static async start({ folder, policy, etc = etcWith(folder, policy), ports, headless = true, environment = {}, viewport = { width: 1280, height: 1040 } }) {
    accessSync(chromiumProgram, constants.X_OK); // a missing one is a failure
    const browser = new Chromium();
    browser.pidFile = join(folder, 'pid');
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true });
    browser.context = await playwright().chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: wrapperFor(folder, etc),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', ...pageArguments(ports)],
      env: { ...process.env, ...environment, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home },
      headless, viewport, locale: 'id-ID', timeout: 30_000,
    });
    browser.context.setDefaultTimeout(20_000);
    return browser;
  }

  newPage() { return this.context.newPage(); }

  /** At once, as when the computer's memory runs out: nothing is saved and no page is told. */
  async kill() {
    this.stopped = true;
    killGroup(Number(readFileSync(this.pidFile, 'utf8')));
    await this.context.close().catch(() => {}); // Playwright notices
  }

  /** Once is enough. */
  async stop() {
    if (this.stopped) return;
    this.stopped = true;
    const pid = Number(readFileSync(this.pidFile, 'utf8'));
    try {
      await within(20_000, 'Chromium closes', this.context.close());
    } finally {
      killGroup(pid); // Playwright starts it as the leader of a group; a closed one has none left
    }
  }
}

function etcWith(folder, policy) {
  const etc = join(folder, 'etc-chromium');
  mkdirSync(join(etc, 'policies/managed'), { recursive: true });
  writeFileSync(join(etc, 'policies/managed/jurukunci-test.json'), JSON.stringify(policy));
  return etc;
}

/** A program that shows Chromium `etc` as the machine's. */
function wrapperFor(folder, etc) {
  const wrapper = join(folder, 'chromium-with-policy');
  const asRoot = process.getuid() === 0 ? '' : '--map-root-user ';
  writeFileSync(wrapper, `#!/bin/sh
echo $$ >'${join(folder, 'pid')}'
exec unshare ${asRoot}--mount sh -c 'mount --bind "$0" /etc/chromium && exec ${chromiumProgram} "$@"' '${etc}' "$@"
`, { mode: 0o755 });
  return wrapper;
}

function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
