import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Nonces } from '../server/nonces.mjs';
import { Office } from './support/office.mjs';

const state = mkdtempSync(join(tmpdir(), 'office-state-'));
let office;
before(async () => { office = await Office.start({ state }); });
after(async () => {
  assert.equal(await office.stop(), 0);
  rmSync(state, { recursive: true });
});

const agent = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const freshNonce = async () => (await office.askJson('POST', '/api/nonce')).json.nonce;

/** What an agent signs, with `said` changed before signing and `sent` after it. */
async function evidence({ keys = agent, said = {}, sent = {} } = {}) {
  const fields = { nonce: await freshNonce(), port: 17845, version: '0.1.0', environment: 'uji', expiresAt: '2999-01-01T00:00:00Z' };
  const { origin = office.origin, ...lines } = { ...fields, ...said };
  const signed = ['jurukunci-session-v1', origin, lines.port, lines.nonce, lines.version, lines.environment, lines.expiresAt].join('\n');
  return {
    ...lines,
    proof: {
      algorithm: 'Ed25519',
      publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      signature: sign(null, Buffer.from(signed), keys.privateKey).toString('base64'),
    },
    ...sent,
  };
}

const check = async (value) => (await office.askJson('POST', '/api/proof', value)).json;
const no = { ok: false, known: false };

test('a refused proof enrols nobody', async () => {
  for (const [what, changes] of Object.entries({
    'for another origin': { said: { origin: 'https://evil.example' } },
    'for another version': { sent: { version: '9.9.9' } },
    'for another environment': { sent: { environment: 'produksi' } },
    'for another port': { sent: { port: 17846 } },
    'of a port the page does not ask': { said: { port: 4444 } },
    'with a nonce of its own': { said: { nonce: 'AAECAwQFBgcICQoLDA0ODw==' } },
    'that is over': { said: { expiresAt: '2020-01-01T00:00:00Z' } },
    'with a line smuggled into a field': { said: { version: '0.1.0\nuji' } },
    'without a key': { sent: { proof: { algorithm: 'Ed25519', publicKey: 'AAAA', signature: 'AAAA' } } },
    'without a proof': { sent: { proof: null } },
  })) assert.deepEqual(await check(await evidence(changes)), no, what);
});

test('the first agent is taken in and known from then on; another one is refused', async () => {
  assert.deepEqual(await check(await evidence({ keys: agent })), { ok: true, known: false });
  assert.deepEqual(await check(await evidence({ keys: agent })), { ok: true, known: true });
  assert.deepEqual(await check(await evidence({ keys: stranger })), no);
  assert.deepEqual(await check(await evidence({ keys: agent })), { ok: true, known: true });
  const { publicKey } = JSON.parse(readFileSync(join(state, 'agent-key.json'), 'utf8'));
  assert.equal(publicKey, agent.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'));
});

test('a nonce is good once, whatever came of it', async () => {
  const good = await evidence();
  assert.equal((await check(good)).ok, true);
  assert.deepEqual(await check(good), no);
  const other = await evidence();
  assert.deepEqual(await check({ ...other, version: '9.9.9' }), no);
  assert.deepEqual(await check(other), no);
});

test('a nonce lives five minutes', () => {
  let now = 0;
  const nonces = new Nonces(() => now);
  const [early, late] = [nonces.make(), nonces.make()];
  assert.equal(Buffer.from(early, 'base64').length, 32);
  now = 5 * 60_000;
  assert.equal(nonces.use(early), true);
  now += 1;
  assert.equal(nonces.use(late), false);
});

test('many nonces push out the oldest, never the newest', () => {
  const nonces = new Nonces();
  const first = nonces.make();
  for (let i = 0; i < 1000; i++) nonces.make();
  assert.equal(nonces.use(first), false);
  assert.equal(nonces.use(nonces.make()), true);
});

test('refuses what is no small JSON object', async () => {
  assert.equal((await office.ask('POST', '/api/proof', { headers: { 'content-type': 'application/json' }, body: '{' })).status, 400);
  assert.equal((await office.askJson('POST', '/api/proof', null)).status, 400);
  assert.equal((await office.ask('POST', '/api/proof', { headers: { 'content-type': 'text/plain' }, body: '{}' })).status, 415);
  assert.equal((await office.askJson('POST', '/api/proof', { nonce: 'A'.repeat(20_000) })).status, 413);
});
