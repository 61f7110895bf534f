import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Batches } from '../server/batches.mjs';
import { Office } from './support/office.mjs';

const state = mkdtempSync(join(tmpdir(), 'office-batches-'));
let office;
before(async () => {
  office = await Office.start({ state });
  await office.signIn();
});
after(async () => {
  await office.stop();
  rmSync(state, { recursive: true });
});

const begin = (letters) => office.askJson('POST', '/api/batches', { letters });
const open = async () => (await office.ask('GET', '/api/batches')).json;
const end = (id) => office.ask('DELETE', `/api/batches/${id}`);

test('a letter is on its way in one batch at a time, and free again when that has ended', async () => {
  const { status, json: first } = await begin(['nota-dinas', 'undangan-1']);
  assert.equal(status, 201);
  const second = await begin(['undangan-2', 'undangan-1']);
  assert.deepEqual([second.status, second.json.error.code], [409, 'S-SEDANG-DITANDATANGANI']);
  assert.deepEqual(
    (await open()).map(({ id, letters, ordered }) => ({ id, letters, ordered })),
    [{ id: first.id, letters: ['nota-dinas', 'undangan-1'], ordered: false }],
  );
  await end(first.id);
  const third = await begin(['undangan-2', 'undangan-1']);
  assert.equal(third.status, 201);
  await end(third.json.id);
  assert.deepEqual(await open(), []);
});

test('an order names the drafts that the server has, for this origin and user, signed with the key that it made', async () => {
  const {
    json: { id },
  } = await begin(['surat-keputusan', 'undangan-3']);
  const {
    json: { order },
  } = await office.ask('POST', `/api/batches/${id}/order`);
  const [header, payload, signature] = order.split('.');
  const key = createPublicKey(readFileSync(join(state, 'order-key.pub.pem')));
  assert.ok(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
  const { iss, sub, purpose, taskKind, documents } = JSON.parse(Buffer.from(payload, 'base64url'));
  const drafts = await Promise.all(
    ['surat-keputusan', 'undangan-3'].map(async (letter) => (await office.ask('GET', `/api/letters/${letter}/file`)).bytes),
  );
  assert.deepEqual(
    { iss, sub, purpose, taskKind, documents },
    {
      iss: office.origin,
      sub: 'Jana Kusuma',
      purpose: 'tte',
      taskKind: 'persuratan_elektronik',
      documents: drafts.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    },
  );
  assert.equal((await open())[0].ordered, true);
  await end(id);
  assert.equal((await office.ask('POST', `/api/batches/${id}/order`)).status, 404, 'no order for what has ended');
});

test('what is no list of letters that wait begins nothing', async () => {
  for (const letters of [[], 'nota-dinas', [1], ['nota-dinas', 'nota-dinas'], null])
    assert.equal((await begin(letters)).status, 400, JSON.stringify(letters));
  assert.equal((await begin(['no-such-letter'])).status, 404);
  assert.deepEqual(await open(), []);
});

test('open batches outlive the server; one that never asked the agent is dropped after two minutes', () => {
  const file = join(state, 'some.json'),
    user = { id: 'a' },
    other = { id: 'b' };
  let now = Date.parse('2026-11-21T08:00:00Z');
  const before = new Batches(file, () => now);
  const [begun, waiting] = [before.begin(user, ['x']), before.begin(user, ['y'])];
  before.markOrdered(before.find(user, begun.id));
  const later = new Batches(file, () => now);
  assert.deepEqual(
    later.of(user).map(({ id }) => id),
    [begun.id, waiting.id],
  );
  assert.deepEqual(later.of(other), []);
  assert.throws(() => later.find(other, begun.id), /S-PENANDATANGANAN-TIDAK-ADA/);
  later.end(other, begun.id);
  now += 2 * 60_000 + 1;
  assert.deepEqual(
    later.of(user).map(({ id }) => id),
    [begun.id],
  );
});
