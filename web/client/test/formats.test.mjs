import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { authenticate, content, decrypt, encrypt, remaining, signBatch, signDetached, signDocument, signHash, upload } from '../dist/index.js';
import { FakeAgent, wireError } from './support/fake-agent.mjs';
import { letter, open, order } from './support/open.mjs';

const { name: _, blob: __, ...common } = order;
const sha256 = async (blob) => createHash('sha256').update(Buffer.from(await blob.arrayBuffer())).digest('hex');
const requested = (agent) => agent.callsOf('POST /v1/signatures')[0].body;

async function opened(t, changes) {
  const agent = await FakeAgent.start(t, changes);
  return { agent, session: await open(agent) };
}

test('a detached signature is CAdES, answered in base64, and the document is not fetched back', async (t) => {
  const { agent, session } = await opened(t, { signature: 'Q01T' });
  const signing = signDetached(session, order);
  agent.finish(await agent.asked());
  const { signature, operation } = await signing;
  assert.equal(signature, 'Q01T');
  assert.equal(operation.state, 'done');
  const { format, level } = requested(agent);
  assert.deepEqual({ format, level }, { format: 'CAdES', level: 'CAdES_BASELINE_B' });
  assert.equal(agent.calls.filter(({ what }) => what.endsWith('/content')).length, 0);
});

test('a digest is signed RAW, without level and without upload', async (t) => {
  const { agent, session } = await opened(t, { signature: 'UkFX' });
  const hash = createHash('sha384').update('x').digest('base64');
  const signatureAlgorithm = { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' };
  const signing = signHash(session, { ...common, name: 'Data', hash, hashFunction: 'SHA-384', signatureAlgorithm });
  agent.finish(await agent.asked());
  assert.equal((await signing).signature, 'UkFX');
  const { requestId, ...body } = requested(agent);
  assert.ok(requestId.length >= 8);
  assert.deepEqual(body, {
    format: 'RAW', items: [{ name: 'Data', hash, hashFunction: 'SHA-384' }], purpose: 'tte', taskKind: 'persuratan_elektronik', signatureAlgorithm,
    onItemFailure: 'continue',
  });
  assert.equal(agent.callsOf('POST /v1/documents').length, 0);
});

test('a refusal of a detached or RAW signature is thrown', async (t) => {
  for (const sign of [(session) => signDetached(session, order), (session) => signHash(session, { ...common, name: 'Data', hash: 'AAAA' })]) {
    const { agent, session } = await opened(t);
    const signing = sign(session);
    agent.change(await agent.asked(), { state: 'refused', error: wireError('E-ISI-TIDAK-TERLIHAT', 'Isi tidak terlihat.') });
    await assert.rejects(signing, { code: 'E-ISI-TIDAK-TERLIHAT' });
  }
});

test('an order is sent as it is', async (t) => {
  const { agent, session } = await opened(t);
  const signing = signDocument(session, { ...order, order: 'a.b.c' });
  agent.finish(await agent.asked());
  await signing;
  assert.equal(requested(agent).order, 'a.b.c');
});

test('who makes the order is told what is signed, after the upload and in order', async (t) => {
  const { agent, session } = await opened(t);
  const other = new Blob(['%PDF-1.7 other'], { type: 'application/pdf' });
  const [known, unknown] = [await upload(session, other), await upload(session, letter)];
  const asked = [];
  const phases = [];
  const signing = signBatch(session, {
    ...common,
    items: [{ name: 'a', blob: letter }, { name: 'b', documentId: known.id, sha256: known.sha256 }, { name: 'c', documentId: unknown.id }],
    order: async (documents) => { asked.push(documents); return `order for ${documents.length}`; },
    onProgress: ({ phase }) => phases.push(phase),
  });
  agent.finish(await agent.asked());
  await signing;
  assert.deepEqual(asked, [[await sha256(letter), await sha256(other), await sha256(letter)]]);
  assert.equal(requested(agent).order, 'order for 3');
  assert.deepEqual(requested(agent).items.map((item) => Object.keys(item).sort()), Array(3).fill(['documentId', 'name'])); // no sha256 on the wire
  assert.equal(agent.callsOf(`GET /v1/documents/${known.id}/content`).length, 0);
  assert.equal(agent.callsOf(`GET /v1/documents/${unknown.id}/content`).length, 1);
  assert.deepEqual(phases.slice(0, 2), ['uploading', 'ordering']);
});

test('where there is none, none is sent', async (t) => {
  const { agent, session } = await opened(t);
  const signing = signDocument(session, { ...order, order: async () => null });
  agent.finish(await agent.asked());
  await signing;
  assert.ok(!('order' in requested(agent)));
});

test('for a RAW item the order is over its hash', async (t) => {
  const { agent, session } = await opened(t);
  let asked;
  const hash = Buffer.from('00ff10', 'hex').toString('base64');
  const signing = signHash(session, { ...common, name: 'Data', hash, order: (documents) => { asked = documents; return 'o'; } });
  agent.finish(await agent.asked());
  await signing;
  assert.deepEqual(asked, ['00ff10']);
});

test('an order that the server refuses starts nothing, and one that never comes can be aborted', async (t) => {
  const { agent, session } = await opened(t);
  const refuse = async () => { throw new Error('not your letter'); };
  await assert.rejects(signDocument(session, { ...order, order: refuse }), { message: 'not your letter' });
  const stop = new AbortController();
  const signing = signDocument(session, { ...order, signal: stop.signal, order: () => new Promise(() => {}) });
  setTimeout(() => stop.abort(new Error('the person left')), 20);
  await assert.rejects(signing, { message: 'the person left' });
  assert.equal(agent.operations.size, 0);
});

test('an order is made once, also where the request has to be sent again', async (t) => {
  const { agent, session } = await opened(t);
  let made = 0;
  agent.loseAnswer('POST /v1/signatures');
  const signing = signDocument(session, { ...order, order: () => `order ${++made}` });
  agent.finish(await agent.asked());
  await signing;
  assert.equal(made, 1);
  assert.equal(agent.operations.size, 1);
});

test('what remains of an interrupted batch is what was not signed, and what only the person can decide is left out', async (t) => {
  const { agent, session } = await opened(t);
  const items = 'abcdef'.split('').map((name) => ({ name, blob: letter }));
  const signing = signBatch(session, { ...common, items });
  const asked = await agent.asked();
  assert.throws(() => remaining(asked), TypeError); // not over yet
  agent.change(asked, {
    state: 'failed', error: wireError('E-TOKEN-DICABUT', 'Token dicabut.'),
    items: [
      { name: 'a', state: 'signed', documentId: 'd_9' }, { name: 'b', state: 'failed', error: wireError('E-TOKEN-DICABUT', 'x') },
      { name: 'c', state: 'rejected', error: wireError('E-DOKUMEN-DIKELUARKAN', 'x') },
      { name: 'd', state: 'unknown', error: wireError('E-HASIL-TIDAK-DIKETAHUI', 'x') },
      { name: 'e', state: 'signed', error: wireError('E-SUDAH-KEDALUWARSA', 'x') },
      { name: 'f', state: 'sealed', error: wireError('E-BELUM-DIPROSES', 'x') },
    ],
  });
  const { operation } = await signing;
  const names = (found) => found.map(({ name }) => name).join('');
  assert.equal(names(remaining(operation)), 'bf');
  assert.deepEqual(remaining(operation, items), [items[1], items[5]]);
  assert.equal(names(remaining(operation, items, { including: ['unknown'] })), 'bdf');
  assert.equal(names(remaining(operation, items, { including: ['unknown', 'rejected', 'lost'] })), 'bcdef');
  assert.throws(() => remaining(operation, items.slice(1)), TypeError);

  const again = signBatch(session, { ...common, items: remaining(operation, items) });
  agent.finish(await agent.asked());
  assert.deepEqual((await again).items.map(({ state }) => state), ['signed', 'signed']);
  const [first, second] = agent.callsOf('POST /v1/signatures').map(({ body }) => body.requestId);
  assert.notEqual(first, second);
});

test('a person proves who they are', async (t) => {
  const token = { unverifiedCertificate: 'MIID', algorithm: 'ES256', signature: 'AAAA', format: 'web-eid:1.0', appVersion: 'jurukunci/0.1.0' };
  const { agent, session } = await opened(t, { authentication: async () => token });
  assert.deepEqual(await authenticate(session, 'bm9uY2U=', { certificate: 'MIID' }), token);
  assert.deepEqual(agent.callsOf('POST /v1/authenticate')[0].body, { challengeNonce: 'bm9uY2U=', certificate: 'MIID' });
});

test('a log-in that is aborted hangs up, which closes the dialog; its lost answer is not asked for again', async (t) => {
  const { agent, session } = await opened(t, { authentication: () => new Promise(() => {}) });
  const stop = new AbortController();
  const proving = authenticate(session, 'bm9uY2U=', { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('the person left')), 20);
  await assert.rejects(proving, { message: 'the person left' });
  agent.authentication = async () => ({});
  agent.loseAnswer('POST /v1/authenticate');
  await assert.rejects(authenticate(session, 'bm9uY2U='), { code: 'L-AGEN-TIDAK-TERJANGKAU' });
  assert.equal(agent.callsOf('POST /v1/authenticate').length, 2);
});

test('encryption is said to be missing, not half done', async (t) => {
  const { agent, session } = await opened(t);
  const { id } = await upload(session, letter);
  const missing = { code: 'E-BELUM-TERSEDIA', status: 501, userMessage: 'Belum tersedia.' };
  for (const call of [encrypt, decrypt]) await assert.rejects(call(session, id), missing);
  assert.deepEqual(agent.callsOf('POST /v1/encryptions')[0].body, { documentId: id });
});

test('every call that can wait can be aborted', async (t) => {
  const { agent, session } = await opened(t);
  const { id } = await upload(session, letter);
  for (const [what, call] of [
    [`GET /v1/documents/${id}/content`, (signal) => content(session, id, { signal })],
    ['POST /v1/encryptions', (signal) => encrypt(session, id, { signal })],
    ['POST /v1/documents', (signal) => upload(session, letter, { signal })],
  ]) {
    const stop = new AbortController();
    agent.holdAnswer(what, new Promise((resolve) => setTimeout(resolve, 2000).unref()));
    const calling = call(stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await assert.rejects(calling, { message: 'enough' }, what);
  }
});
