import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JurukunciError, openSession, operations, status } from '../dist/index.js';
import { FakeAgent } from './support/fake-agent.mjs';
import { open } from './support/open.mjs';

test('gives the server all it needs to check the proof', async (t) => {
  const agent = await FakeAgent.start(t);
  let evidence;
  const session = await open(agent, { checkProof: async (given) => { evidence = given; return true; } });
  assert.deepEqual(evidence, {
    nonce: 'nonce-1', port: agent.port, version: '0.1.0', environment: 'uji', expiresAt: '2999-01-01T00:00:00Z',
    proof: { algorithm: 'Ed25519', publicKey: 'a2V5', signature: 'of nonce-1' },
  });
  assert.equal(session.proof, evidence.proof);
  assert.equal(agent.callsOf('POST /v1/session')[0].headers.authorization, undefined);
});

test('refuses an agent whose proof the server refuses, and tells it nothing more', async (t) => {
  const agent = await FakeAgent.start(t);
  await assert.rejects(open(agent, { checkProof: async () => false }), { code: 'L-BUKTI-DITOLAK', retriable: false });
  assert.deepEqual(agent.calls.map(({ what }) => what), ['GET /v1/hello', 'POST /v1/session']);
});

test('takes nothing for a session that has no token', async (t) => {
  const agent = await FakeAgent.start(t);
  const found = { port: agent.port, version: '0.1.0', apiLevel: 1, environment: 'uji' };
  agent.loseAnswer('POST /v1/session', true);
  const options = { nonce: async () => 'n', checkProof: async () => assert.fail('nothing to check') };
  await assert.rejects(openSession(found, options), { code: 'L-AGEN-TIDAK-TERJANGKAU' });
});

test('renews a forgotten session once, with a fresh nonce and a fresh check', async (t) => {
  const agent = await FakeAgent.start(t);
  const checked = [];
  const session = await open(agent, { checkProof: async ({ nonce, version }) => { checked.push(`${nonce} ${version}`); return true; } });
  const before = session.token;
  agent.forgetSessions();
  agent.version = '0.2.0'; // it was updated meanwhile, so its proof speaks of the new version
  assert.equal((await status(session)).tokens[0].label, 'Jana K.');
  assert.deepEqual(checked, ['nonce-1 0.1.0', 'nonce-2 0.2.0']);
  assert.notEqual(session.token, before);
  assert.equal(session.agent.version, '0.2.0');
});

test('calls side by side share one renewal', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  agent.forgetSessions();
  await Promise.all([status(session), operations(session), status(session)]);
  assert.equal(agent.callsOf('POST /v1/session').length, 2);
});

test('a 401 that arrives late, when the session is renewed already, renews nothing', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  agent.forgetSessions();
  let arrive;
  agent.holdAnswer('GET /v1/operations', new Promise((resolve) => { arrive = resolve; }));
  const late = operations(session);
  await status(session);
  arrive();
  await late;
  assert.equal(agent.callsOf('POST /v1/session').length, 2);
});

test('a second 401 is the answer', async (t) => {
  const agent = await FakeAgent.start(t);
  let session;
  session = await open(agent, { checkProof: async () => { if (session) agent.forgetSessions(); return true; } });
  agent.forgetSessions();
  await assert.rejects(status(session), (error) => {
    assert.ok(error instanceof JurukunciError);
    assert.equal(error.code, 'E-SESI-TIDAK-ADA');
    assert.equal(error.status, 401);
    return true;
  });
  assert.equal(agent.callsOf('GET /v1/status').length, 2);
});

test('an agent that became another one in between is refused at the renewal', async (t) => {
  const agent = await FakeAgent.start(t);
  let first = true;
  const session = await open(agent, { checkProof: async () => { const ok = first; first = false; return ok; } });
  agent.forgetSessions();
  await assert.rejects(status(session), { code: 'L-BUKTI-DITOLAK' });
  assert.equal(agent.callsOf('GET /v1/status').length, 1);
});

test('asks again for what can be asked again, and gives up at last', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  agent.loseAnswer('GET /v1/status');
  agent.loseAnswer('GET /v1/status', true);
  assert.equal((await status(session)).tokens.length, 1);
  assert.equal(agent.callsOf('GET /v1/status').length, 3);
  await agent.stop();
  await assert.rejects(status(session), { code: 'L-AGEN-TIDAK-TERJANGKAU', retriable: true, status: null });
});

test('sentences come in the language that the page chose', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent, { language: 'en' });
  await status(session);
  assert.equal(agent.callsOf('GET /v1/status')[0].headers['accept-language'], 'en');
  await agent.stop();
  await assert.rejects(status(session), { userMessage: 'Jurukunci on this computer does not answer.' });
});
