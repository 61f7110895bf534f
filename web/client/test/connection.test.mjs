import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { checkSessionProof, Nonces } from '@jurukunci/server';

import { connect, JurukunciError, status } from '../dist/index.js';
import { deviceKeys, FakeAgent, pageOrigin, publicKeyOf, wireError } from './support/fake-agent.mjs';
import './support/open.mjs';

const keys = deviceKeys();

/** The page's own server, with the key of one official's agent. */
function server({ known = [publicKeyOf(keys)], minimumVersion } = {}) {
  const nonces = new Nonces();
  const checked = [];
  return {
    checked,
    nonce: async () => nonces.make(),
    checkProof: async (evidence) => {
      const verdict = await checkSessionProof(evidence, {
        origin: pageOrigin, nonce: (nonce) => nonces.use(nonce), publicKeys: known, ...(minimumVersion && { minimumVersion }),
      });
      checked.push([evidence.port, verdict.reason ?? 'ok']);
      return verdict;
    },
  };
}

const agentOf = (t, changes = {}) => FakeAgent.start(t, { keys, ...changes });
const squatter = (t, changes = {}) => FakeAgent.start(t, { keys: deviceKeys(), ...changes });
/** The agent's own public key under a signature that is none. */
const forged = (byte = 0) => ({ algorithm: 'Ed25519', publicKey: publicKeyOf(keys), signature: Buffer.alloc(64, byte).toString('base64') });
const portsOf = (...agents) => agents.map((agent) => agent.port ?? agent.address().port);
const find = (ports, changes = {}) => connect({ ports, ...server(), ...changes });

async function listening(t, program) {
  await new Promise((resolve) => program.listen(0, '127.0.0.1', resolve));
  t.after(() => { program.closeAllConnections?.(); program.close(); });
  return program;
}

test('connects with the agent that the server knows', async (t) => {
  const agent = await agentOf(t);
  const found = await find([agent.port]);
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.impostors, []);
  assert.equal(found.agent.port, agent.port);
  assert.equal((await status(found.session)).tokens[0].label, 'Jana K.');
});

test('a convincing squatter on an earlier port is passed over and told of, and sees nothing but a nonce', async (t) => {
  const [first, agent] = [await squatter(t), await agentOf(t)];
  const { state, session, impostors } = await find(portsOf(first, agent));
  assert.equal(state, 'ready');
  assert.equal(session.agent.port, agent.port);
  assert.deepEqual(impostors, [{ port: first.port, reason: 'unknown-agent' }]);
  assert.deepEqual(first.calls.map(({ what }) => what), ['GET /v1/hello', 'POST /v1/session']);
});

test('each port gets a nonce of its own', async (t) => {
  const agents = [await squatter(t), await squatter(t), await agentOf(t)];
  await find(portsOf(...agents));
  const nonces = agents.map((agent) => agent.callsOf('POST /v1/session')[0].body.nonce);
  assert.equal(new Set(nonces).size, 3);
});

test('one that shows the known key without having it is an impostor', async (t) => {
  const liar = await squatter(t, { sessionChanges: { proof: forged() } });
  assert.deepEqual(await find([liar.port]), { state: 'absent', impostors: [{ port: liar.port, reason: 'bad-signature' }] });
  const agent = await agentOf(t);
  const found = await find(portsOf(liar, agent));
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.impostors, [{ port: liar.port, reason: 'bad-signature' }]);
});

test('what a squatter may answer in place of a session keeps nobody from the agent', async (t) => {
  const agent = await agentOf(t);
  const answers = {
    'an error of the protocol': [403, JSON.stringify({ error: wireError('E-PENETAPAN-APLIKASI-BERAKHIR', 'Berakhir.') })],
    'an error of its own': [500, 'oops'],
    'no JSON': [200, '<html>'],
    'null': [200, 'null'],
    'no proof': [200, '{"token":"a","expiresAt":"b"}'],
    'a proof that is none': [200, JSON.stringify({ token: 'a', expiresAt: '2999-01-01T00:00:00Z', proof: {} })],
    'an end in the past': [200, JSON.stringify({ token: 'a', expiresAt: '2001-01-01T00:00:00Z', proof: {} })],
  };
  for (const [what, [code, body]] of Object.entries(answers)) {
    const other = await listening(t, createServer((request, response) => {
      if (request.url === '/v1/hello') response.end('{"name":"jurukunci","version":"0.1.0","apiLevel":1,"environment":"uji"}');
      else response.writeHead(code).end(body);
    }));
    const found = await find(portsOf(other, agent));
    assert.equal(found.state, 'ready', what);
    assert.deepEqual(found.impostors.map(({ port }) => port), portsOf(other), what);
  }
});

test('what a squatter may answer in place of hello keeps nobody from the agent', async (t) => {
  const agent = await agentOf(t);
  const refuses = await listening(t, createServer((_, response) => {
    response.writeHead(403).end(JSON.stringify({ error: wireError('E-ASAL-TIDAK-DISETUJUI', 'Belum ditetapkan.') }));
  }));
  const hangsUp = await listening(t, createTcpServer((socket) => socket.destroy()));
  const silent = await listening(t, createTcpServer(() => {}));
  const found = await find(portsOf(refuses, hangsUp, silent, agent), { pendingAfter: 5, giveUpAfter: 20 });
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.impostors, []);
  await assert.rejects(find(portsOf(refuses, hangsUp)), { code: 'E-ASAL-TIDAK-DISETUJUI', status: 403 }); // with nobody else there, it is the answer
});

test('squatters on all ports: nobody to talk to, and each is named', async (t) => {
  const liars = [];
  for (let i = 0; i < 5; i++) {
    liars.push(await squatter(t, { sessionChanges: { proof: forged(i) } }));
  }
  const found = await find(portsOf(...liars));
  assert.equal(found.state, 'absent');
  assert.deepEqual(found.impostors, liars.map(({ port }) => ({ port, reason: 'bad-signature' })));
});

test('an agent that the server does not know yet is one to enrol, and so is every squatter until the code is compared', async (t) => {
  const [first, second] = [await squatter(t), await agentOf(t)];
  const found = await connect({ ports: portsOf(first, second), ...server({ known: [] }) });
  assert.equal(found.state, 'unenrolled');
  assert.deepEqual(found.agents.map(({ port }) => port), portsOf(first, second));
  assert.deepEqual(found.impostors, []);
});

test('a server that says only yes or no is enough', async (t) => {
  const [first, agent] = [await squatter(t), await agentOf(t)];
  const simple = { nonce: server().nonce, checkProof: async ({ proof }) => proof.publicKey === publicKeyOf(keys) };
  const found = await connect({ ports: portsOf(first, agent), ...simple });
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.impostors, [{ port: first.port, reason: 'refused' }]);
});

test('too old is what the proven agent says, by the page’s measure or the server’s', async (t) => {
  const old = await agentOf(t, { version: '0.0.9' });
  for (const measure of [{ minimumVersion: '0.1.0' }, server({ minimumVersion: '0.1.0' })]) {
    const found = await find([old.port], measure);
    assert.equal(found.state, 'outdated');
    assert.equal(found.agent.version, '0.0.9');
  }
});

test('a squatter that says it is old, or speaks an older protocol, hides nobody', async (t) => {
  for (const changes of [{ version: '0.0.1' }, { apiLevel: 0 }]) {
    const [first, agent] = [await squatter(t, changes), await agentOf(t)];
    const found = await find(portsOf(first, agent), { minimumVersion: '0.1.0' });
    assert.equal(found.state, 'ready', JSON.stringify(changes));
  }
  const ancient = await squatter(t, { apiLevel: 0 });
  assert.equal((await find([ancient.port])).state, 'outdated');
});

test('a proven agent that is too old is said before a stranger is offered for enrolment', async (t) => {
  const [first, old] = [await squatter(t), await agentOf(t, { version: '0.0.9' })];
  assert.equal((await find(portsOf(first, old), { minimumVersion: '0.1.0' })).state, 'outdated');
});

test('a fault of the page’s own server is thrown, not blamed on the agent', async (t) => {
  const agent = await agentOf(t);
  await assert.rejects(find([agent.port], { nonce: async () => { throw new Error('the server is down'); } }), { message: 'the server is down' });
  await assert.rejects(find([agent.port], { checkProof: async () => { throw new Error('the server is down'); } }), { message: 'the server is down' });
  await assert.rejects(find([agent.port], { checkProof: async () => ({ ok: false, reason: 'wrong-nonce' }) }), (error) => {
    assert.ok(error instanceof JurukunciError);
    assert.equal(error.code, 'L-NONCE-DITOLAK');
    return error.retriable;
  });
});

test('stops when the page asks it to, even while its own server is silent', async (t) => {
  const agent = await agentOf(t);
  for (const silent of [{ nonce: () => new Promise(() => {}) }, { checkProof: () => new Promise(() => {}) }]) {
    const stop = new AbortController();
    const connecting = find([agent.port], { ...silent, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('the person left')), 20);
    await assert.rejects(connecting, { message: 'the person left' });
  }
  await assert.rejects(find([agent.port], { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('nobody there', async () => {
  assert.deepEqual(await find([1]), { state: 'absent', impostors: [] });
});
