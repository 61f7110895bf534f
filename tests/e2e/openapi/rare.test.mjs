// Answers that need another profile, a full agent or one that ends.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';

import { until } from '../browser/support/bounded.mjs';
import { freshNonce } from './support/door.mjs';
import { orderedOrigin, Scene } from './support/scene.mjs';

const scenes = [];
after(async () => { for (const scene of scenes) await scene.stop(); });

async function opened(...wish) {
  const scene = await Scene.start(...wish);
  scenes.push(scene);
  return scene;
}

const requestOf = (change) => ({
  requestId: randomBytes(12).toString('hex'), format: 'RAW', purpose: 'tte', taskKind: 'persuratan_elektronik', ...change,
});
const rawItems = (count) => Array.from({ length: count }, (_, i) => ({ name: `arsip-${i + 1}.zip`, hash: randomBytes(32).toString('base64') }));
const login = () => ({ challengeNonce: freshNonce() });

test('A profile that permits neither hashes nor logins says so.', async () => {
  const door = await (await opened({}, [])).page();
  await door.call('sign', { json: requestOf({ items: rawItems(1) }), expect: 'E-ISI-TIDAK-TERLIHAT' });
  await door.call('authenticate', { json: login(), expect: 'E-MASUK-TIDAK-DIIZINKAN' });
  for (const { purposes } of (await door.call('certificates', { expect: 200 })).json) assert.ok(!purposes.includes('login'));
});

test('A person who does not answer.', async () => {
  const scene = await opened({ seconds: 1 });
  await scene.person('silent');
  const door = await scene.page();
  await door.call('authenticate', { json: login(), expect: 'E-TIDAK-ADA-JAWABAN' });
});

test('A document that is too large, an order that was used.', async () => {
  const scene = await opened();
  const door = await scene.page();
  await door.call('uploadDocument', { body: '', type: 'application/pdf', headers: { 'Content-Length': 600 << 20 }, expect: 'E-TERLALU-BESAR' });
  await scene.person('yes');
  const ordered = await scene.page(orderedOrigin);
  const hash = createHash('sha256').update('isi').digest();
  const request = requestOf({ items: [{ name: 'isi.txt', hash: hash.toString('base64') }], order: scene.order([hash.toString('hex')]).jws });
  const { json } = await ordered.call('sign', { json: request, expect: 202 });
  assert.equal((await ordered.follow('followOperation', json.operation)).state, 'done');
  await ordered.call('sign', { json: { ...request, requestId: randomBytes(12).toString('hex') }, expect: 'E-NONCE-TERPAKAI' });
});

test('An agent that is asked to end refuses what is new and hands out what it finished.', async () => {
  const scene = await opened({ unruly: true });
  await scene.person('yes');
  const door = await scene.page();
  scene.site.misbehave('C_Sign slow');
  const { json: { operation } } = await door.call('sign', { json: requestOf({ items: rawItems(20) }), expect: 202 });
  const now = () => door.call('followOperation', { id: operation.id, expect: 200 });
  await until(20_000, 'one is signed', async () => (await now()).json.done > 0);
  scene.agent.process.signal('SIGTERM');
  await until(20_000, 'the agent refuses what is new', async () => {
    const { status, json } = await door.call('sign', { json: requestOf({ items: rawItems(1) }) });
    return status === 503 && json.error.code === 'E-AGEN-BERHENTI';
  });
  await door.call('enrol', { json: { nonce: freshNonce() }, expect: 'E-AGEN-BERHENTI' });
  await door.call('authenticate', { json: login(), expect: 'E-AGEN-BERHENTI' });
  assert.equal((await door.follow('followOperation', (await now()).json, { wait: 1 })).state, 'done');
});
