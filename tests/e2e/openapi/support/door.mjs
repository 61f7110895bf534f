// The door, as a page meets it, and every answer held to the description: status, headers, content type, body. What the description does not
// know fails the test that asked.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

import { at, faultsBy, operation, resolved, responseSteps } from './description.mjs';

/** What has been answered so far in this file: `operationId status code`. */
export const seen = new Set();

export const freshNonce = (bytes = 32) => randomBytes(bytes).toString('base64');

/** One request, as it is; Node's fetch would not let an Origin be set. */
export function send({ port, method, path, headers, body }) {
  return new Promise((done, failed) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false, setDefaultHeaders: true }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('error', failed)
        .on('end', () => done({ status: answer.statusCode, headers: answer.headers, raw: Buffer.concat(chunks) }));
    });
    sent.on('error', failed);
    sent.end(body);
  });
}

export class Door {
  constructor(port, origin) {
    this.port = port;
    this.origin = origin;
  }

  /** Opens a session; later calls carry its token. */
  async open() {
    const { json } = await this.call('openSession', { json: { nonce: freshNonce() }, expect: 200 });
    this.token = json.token;
    return this;
  }

  /**
   * Sends what an operation wants and holds the answer to the description.
   * `id`, `query`: of the path. `json`, or `body` with `type`: the body. `headers`: instead of or besides the usual ones; null leaves one out.
   * `expect`: the status, or the code of the error.
   */
  async call(operationId, { id, query = '', json, body, type = 'application/json', headers = {}, expect } = {}) {
    const one = operation(operationId);
    const answer = await this.raw(one.method, one.path.replace('{id}', id) + query, {
      body: json === undefined ? body : JSON.stringify(json), type, headers, token: one.security?.length === 0 ? null : this.token,
    });
    return this.held(one.steps, operationId, answer, expect);
  }

  /** Sends anything; holds nothing. */
  raw(method, path, { body, type, headers = {}, token = this.token } = {}) {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const all = {
      Host: `127.0.0.1:${this.port}`, Origin: this.origin, ...(token && { Authorization: `Bearer ${token}` }),
      ...(bytes !== undefined && { 'Content-Type': type, 'Content-Length': bytes.length }), ...headers,
    };
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    return send({ port: this.port, method: method.toUpperCase(), path, body: bytes, headers: kept });
  }

  /** The answer, judged by the operation that stands at `steps`. */
  held(steps, name, answer, expect) {
    const place = responseSteps(steps, String(answer.status));
    const told = `${name} answered ${answer.status} ${answer.raw.toString('utf8', 0, 600)}`;
    assert.ok(place, `${told}: the description has no such status`);
    const held = this.heldTo(place, told, answer);
    seen.add([name, answer.status, held.json?.error?.code].filter(Boolean).join(' '));
    if (typeof expect === 'number') assert.equal(answer.status, expect, told);
    if (typeof expect === 'string') assert.equal(held.json?.error?.code, expect, told);
    return held;
  }

  /** The answer, judged by the response that stands at `place`. */
  heldTo(place, told, answer) {
    const response = at(place);
    const headerFaults = this.headerFaults(place, response, answer);
    assert.deepEqual(headerFaults, [], told);
    if (!response.content) {
      assert.equal(answer.raw.length, 0, `${told}: no body is described`);
      return answer;
    }
    const type = answer.headers['content-type'];
    assert.ok(response.content[type], `${told}: content type ${type} is not described`);
    if (!('schema' in response.content[type])) return answer;
    const json = JSON.parse(answer.raw.toString('utf8'));
    assert.deepEqual(faultsBy([...place, 'content', type, 'schema'], json), [], told);
    return { ...answer, json };
  }

  headerFaults(place, response, answer) {
    const faults = [];
    const described = new Map(Object.entries(response.headers ?? {})
      .map(([name, value]) => [name.toLowerCase(), { name, header: resolved(value), value }]));
    const listed = answer.headers['access-control-allow-origin'];
    if (listed !== undefined && listed !== this.origin) faults.push(`Access-Control-Allow-Origin is ${listed}`);
    if ((listed === undefined) !== (answer.headers.vary === undefined)) faults.push('Vary and Access-Control-Allow-Origin come together');
    for (const name of Object.keys(answer.headers)) {
      if (!described.has(name) && !['content-type', 'content-length', 'connection'].includes(name)) faults.push(`${name} is not described`);
    }
    for (const [name, { name: written, header, value }] of described) {
      if (answer.headers[name] === undefined) {
        if (header.required) faults.push(`${name} is missing`);
      } else {
        const steps = value.$ref ? value.$ref.slice(2).split('/') : [...place, 'headers', written];
        faults.push(...faultsBy([...steps, 'schema'], answer.headers[name]).map((fault) => `${name}: ${fault}`));
      }
    }
    return faults;
  }

  async upload(bytes, type = 'application/octet-stream') {
    return (await this.call('uploadDocument', { body: bytes, type, expect: 201 })).json;
  }

  /** Follows to the end; `each` is told of every answer on the way. */
  async follow(operationId, first, { each = () => {}, wait = 5 } = {}) {
    each(first);
    for (let now = first; ;) {
      if (!['preparing', 'waiting_consent', 'signing', 'working'].includes(now.state)) return now;
      now = (await this.call(operationId, { id: now.id, query: `?wait=${wait}&seen=${now.revision}`, expect: 200 })).json;
      each(now);
    }
  }
}
