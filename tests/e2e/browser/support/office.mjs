// The e-office: the demo's own server, in a process of its own.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { Child } from './child.mjs';
import { root } from './places.mjs';

export class Office {
  static async start({ state, host, port, agentPorts, certificate }) {
    const office = new Office();
    office.state = state;
    office.process = new Child(process.execPath, [join(root, 'web/demo/server/main.mjs'), '--port', String(port), '--host', host, '--cert', certificate.cert,
      '--key', certificate.key, '--state', state, '--agent-ports', agentPorts.join(',')]);
    [, office.origin] = await office.process.says(/^listening (\S+)/m);
    return office;
  }

  draftFile(id) { return join(root, `web/demo/letters/${id}.pdf`); }

  draft(id) { return readFileSync(this.draftFile(id)); }

  signedFile(id) { return join(this.state, `signed/${id}.pdf`); }

  hasSigned(id) { return existsSync(this.signedFile(id)); }

  /** As if the letter had just been drafted. */
  forget(id) { rmSync(this.signedFile(id), { force: true }); }

  stop() { return this.process.stop(); }
}
