// Bidi: WebDriver BiDi, the protocol Firefox itself speaks, over one WebSocket. Only what these tests say.
import { once } from 'node:events';

import { within } from './bounded.mjs';
import { webSocket } from './places.mjs';

export class Bidi {
  #socket;
  #last = 0;
  #calls = new Map();
  #listeners = new Map();

  static async connect(url) {
    const bidi = new Bidi(), WebSocket = webSocket();
    bidi.#socket = new WebSocket(`${url}/session`);
    await within(10_000, 'Firefox takes a session', once(bidi.#socket, 'open'));
    bidi.#socket.on('message', (text) => bidi.#take(JSON.parse(text)));
    bidi.#socket.on('error', () => {});
    bidi.#socket.on('close', () => { for (const { reject, method } of bidi.#calls.values()) reject(new Error(`${method}: Firefox has ended`)); });
    await bidi.call('session.new', { capabilities: {} });
    return bidi;
  }

  #take({ type, id, result, message, error, method, params }) {
    if (type === 'event') return this.#listeners.get(method)?.(params);
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (type === 'error') call?.reject(new Error(`${call.method}: ${error}: ${message}`));
    else call?.resolve(result);
  }

  call(method, params = {}, milliseconds = 30_000) {
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject, method }));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return within(milliseconds, `Firefox answers ${method}`, answer);
  }

  async on(method, listener) {
    this.#listeners.set(method, listener);
    await this.call('session.subscribe', { events: [method] });
  }

  close() { this.#socket.terminate(); }
}
