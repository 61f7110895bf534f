import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { agentPorts, discover } from '../dist/index.js';
import { FakeAgent } from './support/fake-agent.mjs';

/** Stands in for the browser's fetch; `answers` maps a port to what happens there. */
function inBrowser(t, answers, permission) {
  const original = { fetch: globalThis.fetch, navigator: Object.getOwnPropertyDescriptor(globalThis, 'navigator') };
  const browser = { calls: [], open: 0, most: 0, asked: [] };
  globalThis.fetch = async (url, options) => {
    browser.calls.push({ url, options });
    browser.most = Math.max(browser.most, ++browser.open);
    try {
      return await (answers[new URL(url).port] ?? refused)(options);
    } finally {
      browser.open--;
    }
  };
  const query = async ({ name }) => {
    browser.asked.push(name);
    return { state: permission(name) };
  };
  Object.defineProperty(globalThis, 'navigator', { value: { permissions: { query } }, configurable: true });
  t.after(() => {
    globalThis.fetch = original.fetch;
    if (original.navigator) Object.defineProperty(globalThis, 'navigator', original.navigator);
    else delete globalThis.navigator;
  });
  return browser;
}

const refused = async () => { throw new TypeError('Failed to fetch'); };
const helloAnswer = async (changes = {}) =>
  new Response(JSON.stringify({ name: 'jurukunci', version: '0.1.0', apiLevel: 1, environment: 'uji', ...changes }));
const pending = (until) => ({ signal }) => new Promise((resolve, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason));
  until?.then(() => helloAnswer()).then(resolve, reject);
});

test('probes the five ports in order, one at a time, at the literal address', async (t) => {
  const browser = inBrowser(t, {}, () => 'prompt');
  assert.deepEqual(await discover(), { state: 'absent' });
  assert.deepEqual(browser.calls.map(({ url }) => url), agentPorts.map((port) => `http://127.0.0.1:${port}/v1/hello`));
  assert.deepEqual([...agentPorts], [17845, 17846, 17847, 17848, 17849]);
  assert.equal(browser.most, 1);
});

test('asks in the way that browsers let through to this computer', async (t) => {
  const browser = inBrowser(t, { 17845: () => helloAnswer() }, () => 'granted');
  await discover();
  const { options } = browser.calls[0];
  assert.equal(options.targetAddressSpace, 'loopback');
  assert.equal(options.cache, 'no-store');
  assert.equal(options.credentials, 'omit');
  assert.equal(options.referrerPolicy, 'no-referrer');
  assert.equal(options.headers['accept-language'], 'id');
});

test('stops at the first port with an agent', async (t) => {
  const browser = inBrowser(t, { 17846: () => helloAnswer(), 17847: () => helloAnswer() }, () => 'granted');
  const found = await discover();
  assert.deepEqual(found, { state: 'ready', agent: { port: 17846, version: '0.1.0', apiLevel: 1, environment: 'uji' } });
  assert.equal(browser.calls.length, 2);
});

test('passes over other programs on a port', async (t) => {
  const other = createServer((_, response) => response.end('{"name":"printer"}'));
  const mute = createTcpServer((socket) => socket.destroy());
  for (const server of [other, mute]) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { other.close(); mute.close(); });
  const agent = await FakeAgent.start(t);
  const found = await discover({ ports: [other.address().port, mute.address().port, agent.port] });
  assert.equal(found.state, 'ready');
  assert.equal(found.agent.port, agent.port);
});

test('leaves a port that accepts and says nothing, when no question is open', async (t) => {
  inBrowser(t, { 17845: pending(), 17846: () => helloAnswer() }, () => 'granted');
  let waited = false;
  const found = await discover({ pendingAfter: 5, giveUpAfter: 20, onWaitingForBrowser: () => { waited = true; } });
  assert.equal(found.agent.port, 17846);
  assert.equal(waited, false);
});

test('leaves a silent port although the browser says that it would ask, once a later port answers', async (t) => {
  // as Firefox says under a policy that has allowed the site
  const browser = inBrowser(t, { 17845: pending(), 17847: () => helloAnswer() }, () => 'prompt');
  const found = await discover({ pendingAfter: 5, giveUpAfter: 20 });
  assert.equal(found.agent?.port, 17847);
  assert.ok(browser.calls.every(({ url }) => url.endsWith('/v1/hello')));
});

test('one "Allow" sets all calls free, and the first port still comes first', async (t) => {
  let allow;
  const allowed = new Promise((resolve) => { allow = resolve; });
  inBrowser(t, { 17845: pending(allowed.then(() => new Promise((resolve) => setImmediate(resolve)))), 17846: pending(allowed) }, () => 'prompt');
  setTimeout(allow, 550);
  const found = await discover({ pendingAfter: 200, giveUpAfter: 400 });
  assert.equal(found.agent?.port, 17845);
});

test('says once that the browser is asking, and waits for as long as it takes', async (t) => {
  let allow;
  const allowed = new Promise((resolve) => { allow = resolve; });
  let permission = 'prompt';
  inBrowser(t, { 17845: pending(allowed) }, () => permission);
  let waiting = 0;
  const discovery = discover({ pendingAfter: 5, giveUpAfter: 10, onWaitingForBrowser: () => { waiting++; } });
  await new Promise((resolve) => setTimeout(resolve, 80));
  permission = 'granted';
  allow();
  assert.equal((await discovery).state, 'ready');
  assert.equal(waiting, 1);
});

test('is quiet about a question that a quick answer made needless', async (t) => {
  inBrowser(t, { 17845: () => helloAnswer() }, () => 'prompt');
  let waiting = 0;
  await discover({ pendingAfter: 5, onWaitingForBrowser: () => { waiting++; } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(waiting, 0);
});

test('does not ask again on the next port when the person closed the question', async (t) => {
  const browser = inBrowser(t, {
    17845: () => new Promise((_, reject) => setTimeout(() => reject(new TypeError('Failed to fetch')), 30)),
  }, () => 'prompt');
  assert.deepEqual(await discover({ pendingAfter: 5 }), { state: 'blocked', by: 'browser' });
  assert.equal(browser.calls.length, 1);
});

test('tells a blocked page from an absent agent, and still made the calls', async (t) => {
  const browser = inBrowser(t, {}, () => 'denied');
  assert.deepEqual(await discover(), { state: 'blocked', by: 'browser' });
  assert.equal(browser.calls.length, 5);
});

test('knows the older name of the permission, and browsers that know none', async (t) => {
  const older = inBrowser(t, {}, (name) => {
    if (name === 'loopback-network') throw new TypeError('not a valid PermissionName');
    return 'denied';
  });
  assert.equal((await discover({ ports: [17845] })).state, 'blocked');
  assert.deepEqual(older.asked, ['loopback-network', 'local-network-access']);
  inBrowser(t, {}, () => { throw new TypeError('not a valid PermissionName'); });
  assert.equal((await discover({ ports: [17845] })).state, 'absent');
});

test('calls an agent outdated by version and by protocol', async (t) => {
  for (const [answer, minimumVersion, state] of [
    [{ version: '0.9.9' }, '0.10.0', 'outdated'],
    [{ version: '0.10.0' }, '0.10.0', 'ready'],
    [{ version: '1.0.0-rc1' }, '0.10.0', 'ready'],
    [{ apiLevel: 0 }, '0.0.0', 'outdated'],
    [{ apiLevel: 2 }, '0.0.0', 'ready'],
  ]) {
    inBrowser(t, { 17845: () => helloAnswer(answer) }, () => 'granted');
    assert.equal((await discover({ minimumVersion })).state, state, JSON.stringify(answer));
  }
});

test('throws what an agent refuses with a code', async (t) => {
  const error = { code: 'E-HOST-SALAH', message: 'Host', userMessage: 'Alamat salah.', retriable: false, rule: null, citation: null, remedy: null };
  inBrowser(t, { 17845: async () => new Response(JSON.stringify({ error }), { status: 421 }) }, () => 'granted');
  await assert.rejects(discover(), { name: 'JurukunciError', code: 'E-HOST-SALAH', status: 421, userMessage: 'Alamat salah.' });
});

test('stops when the page asks it to', async (t) => {
  const browser = inBrowser(t, { 17845: pending() }, () => 'prompt');
  const stop = new AbortController();
  const discovery = discover({ signal: stop.signal });
  setTimeout(() => stop.abort(), 10);
  await assert.rejects(discovery, { name: 'AbortError' });
  assert.equal(browser.calls.length, 1);
});
