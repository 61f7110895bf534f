// Site: a configuration, a SoftHSM2 token and XDG folders for one agent, as jurukunci-test-site makes them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mustRun, run } from './child.mjs';
import { program } from './places.mjs';

export class Site {
  /** `more`: further arguments, as tests/support/make_site.cpp takes them. */
  static async make(folder, { origins, linkHosts = [], seconds, items, unruly = false, more = [], bin }) {
    const args = [folder, ...origins.flatMap((origin) => ['--origin', origin]), ...linkHosts.flatMap((host) => ['--link-host', host]),
      ...(seconds ? ['--seconds', String(seconds)] : []), ...(items ? ['--items', String(items)] : []), ...(unruly ? ['--unruly'] : []), ...more];
    const site = new Site();
    const { environment, ...rest } = JSON.parse((await mustRun(program('jurukunci-test-site', bin), args)).stdout);
    Object.assign(site, rest, { folder, bin });
    site.environment = Object.fromEntries(environment.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
    // a socket's path has room for 107 characters, and this tree may lie deep
    if (join(site.environment.XDG_RUNTIME_DIR, 'jurukunci/control.sock').length > 100) {
      site.elsewhere = site.environment.XDG_RUNTIME_DIR = mkdtempSync(join(tmpdir(), 'jurukunci-run-'));
    }
    return site;
  }

  /** Removes what does not lie in its folder. */
  clear() { if (this.elsewhere) rmSync(this.elsewhere, { recursive: true, force: true }); }

  get state() { return join(this.environment.XDG_STATE_HOME, 'jurukunci/uji'); }

  /** The command line of the person who owns this site. */
  jurukunci(...args) { return run(program('jurukunci', this.bin), args, { env: this.environment }); }

  /** Orders for the unruly module, one a line: `C_Sign crash`. */
  misbehave(orders) { writeFileSync(this.unrulyControl, `${orders}\n`); }

  behave() { rmSync(this.unrulyControl, { force: true }); }

  /** How often the module was called. */
  calls(name) {
    return existsSync(this.unrulyLog) ? readFileSync(this.unrulyLog, 'utf8').split('\n').filter((line) => line === name).length : 0;
  }

  forgetCalls() { rmSync(this.unrulyLog, { force: true }); }
}
