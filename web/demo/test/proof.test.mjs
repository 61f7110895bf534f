import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Office } from './support/office.mjs';

const state = mkdtempSync(join(tmpdir(), 'office-state-'));
let office;
before(async () => {
  office = await Office.start({ state });
});
after(async () => {
  assert.equal(await office.stop(), 0);
  rmSync(state, { recursive: true });
});

const agent = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const freshNonce = async () => (await office.askJson('POST', '/api/nonce')).json.nonce;
const publicKeyOf = ({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const proofOf = (keys, lines) => ({
  algorithm: 'Ed25519',
  publicKey: publicKeyOf(keys),
  signature: sign(null, Buffer.from(lines.join('\n')), keys.privateKey).toString('base64'),
});

/** What an agent signs when a session opens, with `said` changed before signing and `sent` after it. */
async function evidence({ keys = agent, said = {}, sent = {} } = {}) {
  const { origin = office.origin, ...lines } = {
    nonce: await freshNonce(),
    port: 17845,
    version: '0.1.0',
    environment: 'uji',
    expiresAt: '2999-01-01T00:00:00Z',
    ...said,
  };
  return {
    ...lines,
    proof: proofOf(keys, ['jurukunci-session-v1', origin, lines.port, lines.nonce, lines.version, lines.environment, lines.expiresAt]),
    ...sent,
  };
}

/** What it signs when the person has compared the code. */
async function enrolment({ keys = agent, code, port = 17845 } = {}) {
  const nonce = await freshNonce(),
    version = '0.1.0',
    environment = 'uji';
  const digest = createHash('sha256')
    .update(['jurukunci-code-v1', office.origin, nonce, publicKeyOf(keys)].join('\n'))
    .digest();
  const compared = code ?? String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
  return {
    nonce,
    port,
    version,
    environment,
    proof: proofOf(keys, ['jurukunci-enrolment-v1', office.origin, port, nonce, version, environment, compared]),
  };
}

const check = async (value) => (await office.askJson('POST', '/api/proof', value)).json;
const enrol = async (value) => (await office.askJson('POST', '/api/enrolment', value)).json;

test('an agent that nobody has enrolled is not let in, however well it signs', async () => {
  const { ok, reason, userMessage } = await check(await evidence());
  assert.deepEqual([ok, reason], [false, 'unknown-agent']);
  assert.match(userMessage, /belum dikenal/);
});

test('an enrolment whose code or key does not fit enrols nobody', async () => {
  assert.equal((await enrol(await enrolment({ code: '000000' }))).ok, false);
  assert.equal((await enrol({ ...(await enrolment()), proof: (await enrolment({ keys: stranger })).proof })).ok, false);
  assert.equal((await enrol(await enrolment({ port: 4444 }))).ok, false);
  assert.equal((await check(await evidence())).reason, 'unknown-agent');
});

test('an enrolled agent is known from then on; another one is not', async () => {
  assert.deepEqual(await enrol(await enrolment()), { ok: true });
  assert.deepEqual(await check(await evidence()), { ok: true });
  assert.equal((await check(await evidence({ keys: stranger }))).reason, 'unknown-agent');
  const kept = JSON.parse(readFileSync(join(state, 'agent-keys.json'), 'utf8'));
  assert.deepEqual(
    kept.map(({ publicKey }) => publicKey),
    [publicKeyOf(agent)],
  );
});

test('a known agent’s proof must speak of this origin, port, version, nonce and time', async () => {
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
  }))
    assert.equal((await check(await evidence(changes))).ok, false, what);
  assert.equal((await check(await evidence())).ok, true);
});

test('a nonce is good once, whatever came of it', async () => {
  const good = await evidence();
  assert.equal((await check(good)).ok, true);
  assert.equal((await check(good)).reason, 'wrong-nonce');
  const other = await evidence();
  assert.equal((await check({ ...other, version: '9.9.9' })).ok, false);
  assert.equal((await check(other)).reason, 'wrong-nonce');
});

test('refuses what is no small JSON object', async () => {
  assert.equal((await office.ask('POST', '/api/proof', { headers: { 'content-type': 'application/json' }, body: '{' })).status, 400);
  assert.equal((await office.askJson('POST', '/api/proof', null)).status, 400);
  assert.equal((await office.ask('POST', '/api/proof', { headers: { 'content-type': 'text/plain' }, body: '{}' })).status, 415);
  assert.equal((await office.askJson('POST', '/api/proof', { nonce: 'A'.repeat(80_000) })).status, 413);
});
