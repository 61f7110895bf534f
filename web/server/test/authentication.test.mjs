import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';

import { Nonces, verifyAuthentication } from '../dist/index.js';
import { vectors } from './support/vectors.mjs';

const { expected: { now, ...said }, cases } = vectors('authentication');
const expected = { ...said, now: () => Date.parse(now) };
const good = cases[0].token;
const at = (time, change = {}) => verifyAuthentication(good, { ...expected, now: () => Date.parse(time), ...change });

for (const { sentence, token, reason } of cases) {
  test(`authentication: ${sentence}`, async () => {
    const verdict = await verifyAuthentication(token, expected);
    assert.equal(verdict.ok ? null : verdict.reason, reason, verdict.message);
    if (!verdict.ok) return;
    assert.equal(verdict.commonName, 'Jana Kusuma');
    assert.equal(verdict.chain.length, 3);
    assert.equal(verdict.chain[0].raw.toString('base64'), token.unverifiedCertificate);
    assert.equal(verdict.chain[2].raw.toString('base64'), expected.anchors[0]);
  });
}

test('nothing is trusted without an anchor, and the anchor must not be the certificate itself', async () => {
  assert.equal((await verifyAuthentication(good, { ...expected, anchors: [] })).reason, 'untrusted');
  assert.equal((await verifyAuthentication(good, { ...expected, intermediates: [] })).reason, 'untrusted');
  assert.equal((await verifyAuthentication(good, { ...expected, anchors: [good.unverifiedCertificate], intermediates: [] })).reason, 'untrusted');
  const issuer = new X509Certificate(Buffer.from(expected.intermediates[0], 'base64'));
  const verdict = await verifyAuthentication(good, { ...expected, anchors: [issuer.toString()], intermediates: [] }); // as PEM
  assert.equal(verdict.chain?.length, 2, verdict.message);
});

test('validity is judged at the time of the log-in', async () => {
  const { validFrom, validTo } = new X509Certificate(Buffer.from(good.unverifiedCertificate, 'base64'));
  assert.equal((await at(validFrom)).ok, true);
  assert.equal((await at(new Date(Date.parse(validFrom) - 1000).toISOString())).reason, 'not-valid-now');
  assert.equal((await at(validTo)).ok, true);
  assert.equal((await at(new Date(Date.parse(validTo) + 1000).toISOString())).reason, 'not-valid-now');
});

test('another key usage may be asked for', async () => {
  const documents = cases.find(({ sentence }) => sentence === 'a certificate for documents alone').token;
  assert.equal((await verifyAuthentication(documents, { ...expected, keyUsage: 'nonRepudiation' })).ok, true);
});

test('who is revoked is kept out, by the application’s own source', async () => {
  let asked;
  const verdict = await verifyAuthentication(good, { ...expected, isRevoked: async (chain) => { asked = chain; return true; } });
  assert.equal(verdict.reason, 'revoked');
  assert.equal(asked.length, 3);
});

test('a nonce is good once, and long enough', async () => {
  const nonces = new Nonces();
  const once = { challengeNonce: nonces.make(), useNonce: (nonce) => nonces.use(nonce) };
  assert.equal((await at(now, once)).reason, 'bad-signature'); // it was made for another one
  assert.equal((await at(now, once)).reason, 'wrong-nonce');
  assert.equal((await at(now, { challengeNonce: 'AAECAwQFBgcICQoLDA0ODw==' })).reason, 'wrong-nonce');
});

test('what is no token is refused, not thrown at', async () => {
  for (const value of [null, 1, 'text', [], {}, { ...good, signature: '' }, { ...good, signature: 5 }, { ...good, unverifiedCertificate: 'MIID' },
    { ...good, algorithm: 'RS1' }, { ...good, unverifiedCertificate: good.unverifiedCertificate.slice(0, 400) }, { ...good, format: 'web-eid:1.0\n' }]) {
    assert.equal((await verifyAuthentication(value, expected)).reason, 'malformed', JSON.stringify(value));
  }
});
