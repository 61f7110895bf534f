import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';

import { makeOrder } from '../dist/index.js';
import { vectors } from './support/vectors.mjs';

const { header, payload, seed, keys } = vectors('order');
const { privateKey: ed25519 } = generateKeyPairSync('ed25519');
const { privateKey: p256 } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const usual = {
  key: ed25519, origin: payload.iss, user: payload.sub, purpose: payload.purpose, taskKind: payload.taskKind, documents: payload.documents,
  now: () => payload.iat * 1000,
};
const read = (jws) => jws.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));

test('an order has the members of the contract, and no others', () => {
  const [said, ordered] = read(makeOrder(usual));
  assert.deepEqual(said, header);
  assert.match(ordered.jti, /^[A-Za-z0-9_-]{22}$/);
  assert.deepEqual({ ...ordered, jti: payload.jti }, payload);
  const certificate = 'a'.repeat(64);
  assert.deepEqual(Object.keys(read(makeOrder({ ...usual, certificate }))[1]).sort(), [...Object.keys(payload), 'certificate'].sort());
});

test('the key says the algorithm, and the signature is a JWS’s', () => {
  for (const [key, alg, options] of [[ed25519, 'EdDSA', {}], [p256, 'ES256', { dsaEncoding: 'ieee-p1363' }]]) {
    const jws = makeOrder({ ...usual, key: key.export({ format: 'pem', type: 'pkcs8' }) });
    assert.equal(read(jws)[0].alg, alg);
    const [h, p, s] = jws.split('.');
    const signature = Buffer.from(s, 'base64url');
    assert.equal(signature.length, 64);
    assert.ok(verify(alg === 'ES256' ? 'sha256' : null, Buffer.from(`${h}.${p}`), { key: createPublicKey(key), ...options }, signature));
  }
});

test('with the key of the vectors, the order is byte for byte that of the vectors, but for its jti', () => {
  const key = { key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'base64')]).toString('base64') };
  const pem = `-----BEGIN PRIVATE KEY-----\n${key.key}\n-----END PRIVATE KEY-----\n`;
  assert.equal(createPublicKey(pem).export({ format: 'der', type: 'spki' }).toString('base64'), keys.EdDSA);
  const text = Buffer.from(makeOrder({ ...usual, key: pem }).split('.')[1], 'base64url').toString('utf8');
  assert.equal(text.replace(/"jti":"[^"]+"/, `"jti":"${payload.jti}"`), JSON.stringify(payload));
});

test('no two orders share a jti', () => {
  assert.equal(new Set(Array.from({ length: 100 }, () => read(makeOrder(usual))[1].jti)).size, 100);
});

test('an order that the agent would refuse is not made', () => {
  for (const [change, about] of [
    [{ origin: 'https://eoffice.pekalongankota.go.id/' }, /origin/], [{ origin: 'http://e.example' }, /origin/],
    [{ origin: 'https://E.example' }, /origin/], [{ origin: 'https://e.example:443' }, /origin/], [{ user: '' }, /user/],
    [{ user: 'é'.repeat(101) }, /user/], [{ purpose: '' }, /purpose/], [{ taskKind: undefined }, /taskKind/], [{ documents: [] }, /documents/],
    [{ documents: ['9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08'] }, /documents/], [{ documents: ['abc'] }, /documents/],
    [{ certificate: 'MIID' }, /certificate/], [{ certificate: 'a'.repeat(96) }, /certificate/],
    [{ lifetime: 301 }, /lifetime/], [{ lifetime: 0 }, /lifetime/], [{ lifetime: 1.5 }, /lifetime/],
    [{ key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }, /rsa/],
    [{ key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey }, /secp384r1/],
  ]) {
    const named = (error) => error instanceof TypeError && about.test(error.message);
    assert.throws(() => makeOrder({ ...usual, ...change }), named, JSON.stringify(change));
  }
  assert.deepEqual(read(makeOrder({ ...usual, documents: ['a'.repeat(96), 'b'.repeat(128)] }))[1].documents.length, 2); // RAW items
  assert.equal(read(makeOrder({ ...usual, lifetime: 60 }))[1].exp, payload.iat + 60);
});
