import assert from 'node:assert/strict';
import { test } from 'node:test';

import { operations, signBatch, signDocument, verify, watch } from '../dist/index.js';
import { FakeAgent, wireError } from './support/fake-agent.mjs';
import { letter, open, order } from './support/open.mjs';

test('uploads, asks, waits, and brings the signed bytes', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const appearance = { page: 1, x: 320, y: 80, width: 220, height: 72 };
  const phases = [];
  const signing = signDocument(session, { ...order, appearance, onProgress: ({ phase }) => phases.push(phase) });
  const asked = await agent.asked();
  agent.enterPin(asked);
  agent.finish(asked);
  const { blob, documentId, operation } = await signing;
  assert.equal(await blob.text(), '%PDF-1.7 letter\nsigned');
  assert.equal(operation.state, 'done');
  assert.equal(operation.marking, 'TOKEN UJI – TIDAK SAH');
  assert.deepEqual(phases.filter((phase) => phase !== 'signing'), ['uploading', 'waiting_consent', 'done', 'fetching']);
  const [{ headers }] = agent.callsOf('POST /v1/documents');
  assert.equal(headers['content-type'], 'application/pdf');
  const [{ body }] = agent.callsOf('POST /v1/signatures');
  assert.match(body.requestId, /^[A-Za-z0-9_-]{8,64}$/);
  assert.deepEqual({ ...body, requestId: '' }, {
    requestId: '', format: 'PAdES', level: 'PAdES_BASELINE_B', purpose: 'tte', taskKind: 'persuratan_elektronik', onItemFailure: 'continue',
    items: [{ name: 'Undangan Rapat.pdf', documentId: 'd_1', appearance }],
  });
  assert.equal((await verify(session, documentId)).conclusion, 'valid');
});

test('polls long, and only for what it has not seen', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const signing = signDocument(session, order);
  agent.finish(await agent.asked());
  const { operation } = await signing;
  const polls = agent.callsOf(`GET /v1/operations/${operation.id}`).map(({ query }) => query);
  assert.deepEqual(polls, [{ wait: '30', seen: '1' }]);
});

test('a lost answer is asked for again with the same requestId, so there is one operation', async (t) => {
  for (const partly of [false, true]) {
    const agent = await FakeAgent.start(t);
    const session = await open(agent);
    agent.loseAnswer('POST /v1/signatures', partly);
    const signing = signDocument(session, order);
    agent.finish(await agent.asked());
    await signing;
    const [first, second, ...more] = agent.callsOf('POST /v1/signatures').map(({ body }) => body);
    assert.equal(agent.operations.size, 1);
    assert.deepEqual(second, first);
    assert.equal(more.length, 0);
  }
});

test('the same letter again is a new request', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  for (let i = 0; i < 2; i++) {
    const signing = signDocument(session, order);
    agent.finish(await agent.asked());
    await signing;
  }
  assert.equal(new Set(agent.callsOf('POST /v1/signatures').map(({ body }) => body.requestId)).size, 2);
});

test('an agent that was started again in between is followed on', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const signing = signDocument(session, order);
  const asked = await agent.asked();
  agent.loseAnswer(`GET /v1/operations/${asked.id}`);
  agent.enterPin(asked);
  agent.forgetSessions();
  agent.finish(asked);
  assert.equal((await signing).operation.state, 'done');
});

test('an abort before consent deletes the operation and rejects with its reason', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const stop = new AbortController();
  const signing = signDocument(session, { ...order, signal: stop.signal });
  const asked = await agent.asked();
  stop.abort(new Error('the person left'));
  await assert.rejects(signing, { message: 'the person left' });
  assert.equal(agent.callsOf(`DELETE /v1/operations/${asked.id}`).length, 1);
  assert.equal(asked.state, 'cancelled');
});

test('an abort while the operation is being made deletes it all the same', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const stop = new AbortController();
  agent.loseAnswer('POST /v1/signatures');
  const signing = signDocument(session, { ...order, signal: stop.signal });
  const asked = await agent.asked();
  stop.abort();
  await assert.rejects(signing, { name: 'AbortError' });
  assert.equal(asked.state, 'cancelled');
});

test('an abort after the PIN changes nothing: the signature exists and is brought', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const stop = new AbortController();
  const signing = signDocument(session, {
    ...order, signal: stop.signal,
    // at this moment, so that the abort meets an operation that is surely past consent
    onProgress: ({ phase, operation }) => {
      if (phase !== 'signing') return;
      stop.abort();
      setTimeout(() => agent.finish(agent.operations.get(operation.id)), 30);
    },
  });
  agent.enterPin(await agent.asked());
  const { operation } = await signing.catch((error) => assert.fail(`rejected with ${error}`));
  assert.equal(operation.state, 'done');
  assert.equal(agent.callsOf(`DELETE /v1/operations/${operation.id}`).length, 1);
});

test('an abort before anything was sent sends nothing', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  await assert.rejects(signDocument(session, { ...order, signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.equal(agent.callsOf('POST /v1/documents').length + agent.callsOf('POST /v1/signatures').length, 0);
});

test('a refusal carries the sentence, the article and the operation', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const signing = signDocument(session, order);
  agent.change(await agent.asked(), { state: 'refused', error: wireError('E-DIBATALKAN-PENANDA-TANGAN', 'Anda membatalkan penandatanganan.') });
  await assert.rejects(signing, (error) => {
    assert.equal(error.code, 'E-DIBATALKAN-PENANDA-TANGAN');
    assert.equal(error.userMessage, 'Anda membatalkan penandatanganan.');
    assert.equal(error.citation, 'Pasal 15');
    assert.equal(error.remedy, 'Mulai lagi.');
    assert.equal(error.operation.state, 'refused');
    return true;
  });
});

test('what the person took out is not taken for signed', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const signing = signDocument(session, order);
  agent.change(await agent.asked(), { state: 'done', items: [{ name: order.name, state: 'rejected' }] });
  await assert.rejects(signing, { code: 'L-TIDAK-DITANDATANGANI' });
});

test('a batch tells about each item, and what was signed before a fault is not lost', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  const { name: _, blob: __, ...common } = order;
  const signing = signBatch(session, { ...common, items: [{ name: 'a', blob: letter }, { name: 'b', blob: letter }, { name: 'c', blob: letter }] });
  const asked = await agent.asked();
  agent.change(asked, {
    state: 'failed', error: wireError('E-TOKEN-DICABUT', 'Token dicabut.'),
    items: [
      { name: 'a', state: 'signed', documentId: 'd_9' },
      { name: 'b', state: 'failed', error: wireError('E-TOKEN-DICABUT', 'Token dicabut.') },
      { name: 'c', state: 'rejected' },
    ],
  });
  const { items, operation } = await signing;
  assert.equal(operation.state, 'failed');
  assert.deepEqual(items.map(({ name, state, documentId, error }) => [name, state, documentId, error?.code]), [
    ['a', 'signed', 'd_9', undefined], ['b', 'failed', null, 'E-TOKEN-DICABUT'], ['c', 'rejected', null, undefined],
  ]);
});

test('a reloaded page finds its operation and follows it by id', async (t) => {
  const agent = await FakeAgent.start(t);
  const session = await open(agent);
  signDocument(session, { ...order, requestId: 'request-of-letter-7' }).catch(() => {});
  const asked = await agent.asked();
  const reloaded = await open(agent);
  const [found] = await operations(reloaded);
  assert.equal(found.requestId, 'request-of-letter-7');
  const seen = [];
  const end = watch(reloaded, found.id, { onProgress: ({ state }) => seen.push(state) });
  setTimeout(() => agent.finish(asked), 20);
  assert.equal((await end).state, 'done');
  assert.deepEqual(seen, ['waiting_consent', 'done']);
});
