import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkEnrolment, Nonces } from '@jurukunci/server';

import { connect, discover, enrol, enrolmentCode } from '../dist/index.js';
import { deviceKeys, FakeAgent, pageOrigin, publicKeyOf, wireError } from './support/fake-agent.mjs';
import './support/open.mjs';

/** A page with a server behind it that keeps the keys of one official. */
function page() {
  const nonces = new Nonces();
  const kept = [];
  const codes = [];
  return {
    kept, codes,
    options: {
      origin: pageOrigin, repeatAfter: [5, 5],
      nonce: async () => nonces.make(),
      onCode: (code) => codes.push(code),
      compared: async () => true,
      checkEnrolment: async (evidence) => {
        const verdict = await checkEnrolment(evidence, { origin: pageOrigin, nonce: (nonce) => nonces.use(nonce) });
        if (verdict.ok) kept.push(verdict.publicKey);
        return verdict;
      },
    },
  };
}

async function found(t, changes = {}) {
  const fake = await FakeAgent.start(t, { keys: deviceKeys(), ...changes });
  const { agent } = await discover({ ports: [fake.port] });
  return { fake, agent };
}

/** Resolves when the agent's window is open. */
async function window(fake) {
  for (;;) {
    for (const enrolment of fake.enrolments.values()) if (enrolment.state === 'waiting_consent') return enrolment;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const { codes } = JSON.parse(readFileSync(new URL('../../../docs/protocol/vectors/enrolment.json', import.meta.url), 'utf8'));

test('works the code out as the vectors say', async () => {
  for (const { lines: [, origin, nonce, publicKey], code } of codes) assert.equal(await enrolmentCode(origin, nonce, publicKey), code);
});

test('the person compares the code, and the server keeps the key', async (t) => {
  const { fake, agent } = await found(t);
  const { options, kept, codes } = page();
  const states = [];
  const enrolling = enrol(agent, { ...options, onProgress: (state) => states.push(state) });
  const shown = await window(fake);
  setTimeout(() => fake.confirm(shown), 20);
  assert.deepEqual(await enrolling, { publicKey: publicKeyOf(fake.keys), code: shown.code });
  assert.deepEqual(codes, [shown.code]);
  assert.deepEqual(kept, [publicKeyOf(fake.keys)]);
  assert.deepEqual(states, ['waiting_consent', 'confirmed']);
  assert.deepEqual(fake.callsOf(`GET /v1/enrolments/${shown.id}`)[0].query, { wait: '30', seen: '1' });
  assert.equal(fake.callsOf(`DELETE /v1/enrolments/${shown.id}`).length, 0);
  assert.ok(fake.calls.every(({ headers }) => headers.authorization === undefined));
});

test('what was enrolled is known to the next connection', async (t) => {
  const { fake } = await found(t);
  const { options, kept } = page();
  const nonces = new Nonces();
  const session = {
    ports: [fake.port], nonce: async () => nonces.make(),
    checkProof: async ({ proof }) => (kept.includes(proof.publicKey) ? { ok: true } : { ok: false, reason: 'unknown-agent' }),
  };
  const before = await connect(session);
  assert.equal(before.state, 'unenrolled');
  const enrolling = enrol(before.agents[0], options);
  fake.confirm(await window(fake));
  await enrolling;
  assert.equal((await connect(session)).state, 'ready');
});

test('a window that has to wait for another one is waited for', async (t) => {
  const { fake, agent } = await found(t, { enrolmentChanges: { state: 'preparing' } });
  const { options } = page();
  const states = [];
  const enrolling = enrol(agent, { ...options, onProgress: (state) => states.push(state) });
  while (fake.enrolments.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [enrolment] = fake.enrolments.values();
  fake.change(enrolment, { state: 'waiting_consent' });
  fake.confirm(await window(fake));
  await enrolling;
  assert.equal(states[0], 'preparing');
  assert.equal(states.at(-1), 'confirmed');
});

test('an agent that says another code than its key has is never shown to the person', async (t) => {
  const { fake, agent } = await found(t, { enrolmentChanges: { code: '123456' } });
  const { options, kept, codes } = page();
  await assert.rejects(enrol(agent, options), { code: 'L-BUKTI-DITOLAK' });
  assert.deepEqual([kept, codes], [[], []]);
  assert.equal(fake.callsOf('DELETE /v1/enrolments/n_1').length, 1);
});

test('a key that is exchanged after the code was compared is refused, though its proof would hold', async (t) => {
  const { fake, agent } = await found(t);
  const { options, kept } = page();
  const enrolling = enrol(agent, options);
  const shown = await window(fake);
  // a squatter lets the person compare the code of one key and hands in another, with all that belongs to it
  fake.keys = deviceKeys();
  const publicKey = publicKeyOf(fake.keys);
  const code = await enrolmentCode(pageOrigin, shown.nonce, publicKey);
  const lines = ['jurukunci-enrolment-v1', pageOrigin, fake.port, shown.nonce, fake.version, 'uji', code];
  const forged = { algorithm: 'Ed25519', publicKey, signature: sign(null, Buffer.from(lines.join('\n')), fake.keys.privateKey).toString('base64') };
  const evidence = { proof: forged, nonce: shown.nonce, port: fake.port, version: fake.version, environment: 'uji' };
  assert.equal((await checkEnrolment(evidence, { origin: pageOrigin, nonce: shown.nonce })).ok, true); // the server alone could not tell
  fake.change(shown, { state: 'confirmed', proof: forged });
  await assert.rejects(enrolling, { code: 'L-BUKTI-DITOLAK' });
  assert.deepEqual(kept, []);
});

test('one that calls itself confirmed is believed only when the person has seen its code in a window', async (t) => {
  const { fake, agent } = await found(t);
  const { options, kept, codes } = page();
  let answer;
  const compared = (code) => { codes.push(`asked ${code}`); return new Promise((resolve) => { answer = resolve; }); };
  const enrolling = enrol(agent, { ...options, compared });
  const shown = await window(fake);
  fake.confirm(shown);
  while (fake.callsOf('GET /v1/enrolments/n_1').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(kept, []); // it waits for the person in the page
  answer(false);
  await assert.rejects(enrolling, { code: 'L-KODE-BERBEDA', retriable: false });
  assert.deepEqual(kept, []);
  assert.deepEqual(codes, [shown.code, `asked ${shown.code}`]);
});

test('a no in the page closes the agent’s window at once', async (t) => {
  const { fake, agent } = await found(t);
  let waiting;
  const compared = async (_, { signal }) => { waiting = signal; await window(fake); return false; };
  await assert.rejects(enrol(agent, { ...page().options, compared }), { code: 'L-KODE-BERBEDA' });
  assert.equal([...fake.enrolments.values()][0].state, 'cancelled');
  assert.equal(waiting.aborted, true);
});

test('a no in the window tells the page that its question is over', async (t) => {
  const { fake, agent } = await found(t);
  let waiting;
  const compared = (_, { signal }) => { waiting = signal; return new Promise(() => {}); };
  const enrolling = enrol(agent, { ...page().options, compared });
  fake.change(await window(fake), { state: 'refused', error: wireError('E-DIBATALKAN-PENANDA-TANGAN', 'Anda membatalkan.') });
  await assert.rejects(enrolling, { code: 'E-DIBATALKAN-PENANDA-TANGAN' });
  assert.equal(waiting.aborted, true);
});

test('a page that does not ask has the browser ask, and where nobody can be asked the answer is no', async (t) => {
  const asked = [];
  for (const [confirm, code] of [[(text) => { asked.push(text); return true; }, null], [() => false, 'L-KODE-BERBEDA'], [undefined, 'L-KODE-BERBEDA']]) {
    const { fake, agent } = await found(t);
    const { options: { compared: _, ...options }, kept } = page();
    globalThis.confirm = confirm;
    const before = asked.length;
    const enrolling = enrol(agent, options).then(() => null, (error) => error.code);
    const shown = await window(fake);
    assert.equal(asked.length, before); // not before the agent has answered: a page that waits for its own dialog asks the agent nothing
    fake.confirm(shown);
    assert.equal(await enrolling, code);
    assert.equal(kept.length, code ? 0 : 1);
    if (!code) assert.ok(asked[0].includes(`${shown.code.slice(0, 3)} ${shown.code.slice(3)}`));
  }
  delete globalThis.confirm;
});

test('a no of the person, of the clock and of the server is an error with a sentence', async (t) => {
  for (const [change, code] of [
    [{ state: 'refused', error: wireError('E-DIBATALKAN-PENANDA-TANGAN', 'Anda membatalkan.') }, 'E-DIBATALKAN-PENANDA-TANGAN'],
    [{ state: 'failed', error: null }, 'L-TIDAK-DIDAFTARKAN'],
    [{ state: 'confirmed', proof: null }, 'L-BUKTI-DITOLAK'],
  ]) {
    const { fake, agent } = await found(t);
    const { options, kept } = page();
    const enrolling = enrol(agent, options);
    fake.change(await window(fake), change);
    await assert.rejects(enrolling, (error) => error.code === code && error.userMessage.length > 5);
    assert.deepEqual(kept, []);
  }
  const { fake, agent } = await found(t);
  const enrolling = enrol(agent, { ...page().options, checkEnrolment: async () => ({ ok: false, reason: 'outdated' }) });
  fake.confirm(await window(fake));
  await assert.rejects(enrolling, { code: 'L-BUKTI-DITOLAK', message: /outdated/ });
});

test('an abort closes the window and rejects with its reason', async (t) => {
  const { fake, agent } = await found(t);
  const stop = new AbortController();
  const { options, kept } = page();
  const enrolling = enrol(agent, { ...options, signal: stop.signal });
  const shown = await window(fake);
  stop.abort(new Error('the person left'));
  await assert.rejects(enrolling, { message: 'the person left' });
  while (shown.state !== 'cancelled') await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(kept, []);
});

test('an abort before the window is open leaves none behind', async (t) => {
  const { fake, agent } = await found(t);
  const stop = new AbortController();
  const { options, codes } = page();
  let answer;
  fake.holdAnswer('POST /v1/enrolments', new Promise((resolve) => { answer = resolve; }));
  const enrolling = enrol(agent, { ...options, signal: stop.signal });
  await window(fake);
  stop.abort();
  answer();
  await assert.rejects(enrolling, { name: 'AbortError' });
  assert.deepEqual(codes, []);
  while ([...fake.enrolments.values()][0].state !== 'cancelled') await new Promise((resolve) => setTimeout(resolve, 5));
  await assert.rejects(enrol(agent, { ...options, signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.equal(fake.enrolments.size, 1);
});

test('a poll whose answer is lost is asked again', async (t) => {
  const { fake, agent } = await found(t);
  const enrolling = enrol(agent, page().options);
  const shown = await window(fake);
  fake.loseAnswer(`GET /v1/enrolments/${shown.id}`);
  fake.confirm(shown);
  assert.equal((await enrolling).code, shown.code);
});

test('an answer that is none is said to be none', async (t) => {
  const { agent } = await found(t, { enrolmentChanges: { publicKey: undefined } });
  await assert.rejects(enrol(agent, page().options), { code: 'L-JAWABAN-TIDAK-DIKENAL' });
});
