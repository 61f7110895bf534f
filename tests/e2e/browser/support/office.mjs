// The e-office: the demo's own server, in a process of its own.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { series } from '../../../../web/demo/letters/series.mjs';
import { Child } from './child.mjs';
import { root } from './places.mjs';

const drawn = new Map(series().map(({ letter, bytes }) => [letter.id, bytes]));

export class Office {
  /** `loginAnchors`: roots whose certificates may log in. `orders`: whether the agent's registry has this server's key. */
  static async start({ state, host, port, agentPorts, certificate, loginAnchors = [], orders = true }) {
    const office = new Office();
    office.state = state;
    office.process = new Child(process.execPath, [
      join(root, 'web/demo/server/main.mjs'),
      '--port',
      String(port),
      '--host',
      host,
      '--cert',
      certificate.cert,
      '--key',
      certificate.key,
      '--state',
      state,
      '--agent-ports',
      agentPorts.join(','),
      ...loginAnchors.flatMap((file) => ['--login-anchor', file]),
      ...(orders ? [] : ['--no-orders']),
    ]);
    [, office.origin] = await office.process.says(/^listening (\S+)/m);
    return office;
  }

  /** As if the official had compared the code of this agent some other day. */
  knows(publicKey) {
    writeFileSync(join(this.state, 'agent-keys.json'), JSON.stringify([{ publicKey, since: '2026-11-01T00:00:00Z' }]));
  }

  get knownKeys() {
    const file = join(this.state, 'agent-keys.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).map(({ publicKey }) => publicKey) : [];
  }

  /** Where the draft lies as a file; letters that the server draws itself are written down for whoever asks. */
  draftFile(id) {
    const printed = join(root, `web/demo/letters/${id}.pdf`);
    if (existsSync(printed)) return printed;
    const file = join(this.state, `${id}-draft.pdf`);
    writeFileSync(file, drawn.get(id));
    return file;
  }

  draft(id) {
    return readFileSync(this.draftFile(id));
  }

  signedFile(id) {
    return join(this.state, `signed/${id}.pdf`);
  }

  hasSigned(id) {
    return existsSync(this.signedFile(id));
  }

  /** How often each letter came to the server, signed: its log has a line for each. */
  get received() {
    const times = {};
    for (const [, id] of this.process.output.matchAll(/^(?:stored|came again) (\S+)$/gm)) times[id] = (times[id] ?? 0) + 1;
    return times;
  }

  /** As if the letter had just been drafted. */
  forget(id) {
    rmSync(this.signedFile(id), { force: true });
  }

  /** As if all letters had just been drafted. */
  forgetAll() {
    for (const id of Object.keys(this.received)) this.forget(id);
  }

  stop() {
    return this.process.stop();
  }
}
