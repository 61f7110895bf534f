import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkSessionProof, isOlder, Nonces } from '../dist/index.js';
import { vectors } from './support/vectors.mjs';

const { expected: { now, publicKey, ...expected }, cases } = vectors('session-proof');
const known = { ...expected, publicKeys: [publicKey], now: () => Date.parse(now) };
const good = cases[0].evidence;

for (const { sentence, evidence, reason } of cases) {
  test(`session: ${sentence}`, async () => {
    const verdict = await checkSessionProof(evidence, known);
    assert.equal(verdict.ok ? null : verdict.reason, reason, verdict.message);
    if (verdict.ok) assert.deepEqual(verdict, { ok: true, publicKey, version: evidence.version, environment: 'uji' });
    else for (const sentence of [verdict.message, verdict.userMessage.id, verdict.userMessage.en]) assert.ok(sentence.length > 10);
  });
}

test('a user has several computers', async () => {
  assert.equal((await checkSessionProof(good, { ...known, publicKeys: ['AAAA', publicKey] })).publicKey, publicKey);
  assert.equal((await checkSessionProof(good, { ...known, publicKeys: [] })).reason, 'unknown-agent');
});

test('the same key in a second spelling is not known', async () => {
  for (const spelling of [publicKey.replace(/=+$/, ''), `${publicKey}\n`, publicKey.replace('+', '-')]) {
    if (spelling === publicKey) continue;
    const evidence = { ...good, proof: { ...good.proof, publicKey: spelling } };
    assert.equal((await checkSessionProof(evidence, { ...known, publicKeys: [spelling] })).ok, false, JSON.stringify(spelling));
  }
});

test('a page may be held to ports and to an environment', async () => {
  assert.equal((await checkSessionProof(good, { ...known, ports: [17846] })).reason, 'wrong-port');
  assert.equal((await checkSessionProof(good, { ...known, ports: [17845], environment: 'uji' })).ok, true);
  assert.equal((await checkSessionProof(good, { ...known, environment: 'produksi' })).reason, 'wrong-environment');
});

test('a nonce is spent by an attempt that fails', async () => {
  const nonces = new Nonces();
  const asked = [];
  const nonce = (value) => { asked.push(value); return nonces.use(value); };
  assert.equal((await checkSessionProof({ ...good, version: 7 }, { ...known, nonce })).reason, 'malformed');
  assert.deepEqual(asked, [good.nonce]);
  assert.equal((await checkSessionProof(good, { ...known, nonce: async () => true })).ok, true);
  assert.equal((await checkSessionProof(good, { ...known, nonce: async () => false })).reason, 'wrong-nonce');
});

test('what is no evidence is refused, not thrown at', async () => {
  for (const value of [null, undefined, 1, 'text', [], {}, { nonce: {} }, { ...good, port: 70000 }, { ...good, proof: [] },
    { ...good, nonce: 'not base64' }, { ...good, expiresAt: 'soon' }, { ...good, proof: { ...good.proof, signature: 'AA==' } }]) {
    assert.equal((await checkSessionProof(value, known)).ok, false, JSON.stringify(value));
  }
});

test('versions are compared by their numbers', () => {
  for (const [version, minimum, older] of [['0.9.9', '0.10.0', true], ['0.10.0', '0.10.0', false], ['1.0.0-rc1', '0.10.0', false],
    ['1', '0.9', false],
    ['0.1', '0.1.1', true], ['nonsense', '0.0.1', true]]) assert.equal(isOlder(version, minimum), older, `${version} ${minimum}`);
});
