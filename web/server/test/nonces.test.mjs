import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Nonces } from '../dist/index.js';

test('a nonce is 32 random bytes and good once', () => {
  const nonces = new Nonces();
  const nonce = nonces.make();
  assert.equal(Buffer.from(nonce, 'base64').length, 32);
  assert.notEqual(nonces.make(), nonce);
  assert.equal(nonces.use(nonce), true);
  assert.equal(nonces.use(nonce), false);
});

test('a nonce lives five minutes', () => {
  let now = 0;
  const nonces = new Nonces({ now: () => now });
  const [early, late] = [nonces.make(), nonces.make()];
  now = 5 * 60_000;
  assert.equal(nonces.use(early), true);
  now += 1;
  assert.equal(nonces.use(late), false);
});

test('a nonce made for one person is none for another, and is spent by the attempt', () => {
  const nonces = new Nonces();
  const nonce = nonces.make('session of Jana');
  assert.equal(nonces.use(nonce, 'session of Budi'), false);
  assert.equal(nonces.use(nonce, 'session of Jana'), false);
  assert.equal(nonces.use(nonces.make('session of Jana')), false);
  assert.equal(nonces.use(nonces.make('session of Jana'), 'session of Jana'), true);
});

test('many nonces push out the oldest, never the newest; what is too old makes room first', () => {
  let now = 0;
  const nonces = new Nonces({ most: 3, now: () => now });
  const first = nonces.make();
  const kept = [nonces.make(), nonces.make(), nonces.make()];
  assert.equal(nonces.use(first), false);
  assert.deepEqual(kept.map((nonce) => nonces.use(nonce)), [true, true, true]);
  nonces.make();
  now = 5 * 60_000 + 1;
  const later = [nonces.make(), nonces.make(), nonces.make()];
  assert.deepEqual(later.map((nonce) => nonces.use(nonce)), [true, true, true]);
});

test('what is no text is no nonce', () => {
  const nonces = new Nonces();
  for (const value of [undefined, null, 1, {}, []]) assert.equal(nonces.use(value), false);
});
