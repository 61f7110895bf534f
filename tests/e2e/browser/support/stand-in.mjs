// StandIn: listens where a page looks for the agent, writes down every byte and hangs up.
import { once } from 'node:events';
import { createServer } from 'node:net';

export class StandIn {
  #server;
  received = '';

  static async start() {
    const standIn = new StandIn();
    standIn.#server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => { standIn.received += bytes.toString('latin1'); socket.destroy(); });
    }).listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    standIn.port = standIn.#server.address().port;
    return standIn;
  }

  forget() { this.received = ''; }

  stop() { this.#server.close(); }
}
