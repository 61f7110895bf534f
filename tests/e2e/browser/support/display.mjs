// A screen that nobody sees, for a browser that is to ask its questions: headless it answers them itself, with no.
import { once } from 'node:events';
import { spawn } from 'node:child_process';

import { within } from './bounded.mjs';

export class Display {
  #server;

  static async start() {
    const display = new Display();
    display.#server = spawn('setpriv', ['--pdeathsig', 'KILL', 'Xvfb', '-displayfd', '3', '-screen', '0', '1280x1040x24', '-nolisten', 'tcp'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const [number] = await within(10_000, 'Xvfb names its display', Promise.race([once(display.#server.stdio[3], 'data'),
      once(display.#server, 'exit').then(() => { throw new Error('Xvfb did not start; run ./dev setup'); })]));
    display.name = `:${number.toString().trim()}`;
    return display;
  }

  stop() { this.#server.kill(); }
}
