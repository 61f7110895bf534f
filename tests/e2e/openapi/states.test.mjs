// Operations and enrolments on their way: every answer in every state is one that is described, and every state that is described is met.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { pause, until } from '../browser/support/bounded.mjs';
import { description, faultsBy, named } from './support/description.mjs';
import { freshNonce, seen } from './support/door.mjs';
import { Scene, shyOrigin } from './support/scene.mjs';

let scene, door, shy;
const met = { operation: new Set(), item: new Set(), enrolment: new Set() };

before(async () => {
  scene = await Scene.start({ unruly: true, seconds: 60 });
  [door, shy] = [await scene.page(), await scene.page(shyOrigin)];
});
after(() => scene?.stop());

const pdf = (name) => named(`../../tests/data/pdf/${name}`);
const rawItems = (count) => Array.from({ length: count }, (_, i) => ({ name: `arsip-${i + 1}.zip`, hash: randomBytes(32).toString('base64') }));
const requestOf = (items, change = {}) => ({
  requestId: randomBytes(12).toString('hex'), format: 'RAW', purpose: 'tte', taskKind: 'persuratan_elektronik', items, ...change,
});
const padesOf = (items, change = {}) => requestOf(items, { format: 'PAdES', level: 'PAdES_BASELINE_B', ...change });

/** Writes down what was met, by the names that the description has for items. */
function note(operation) {
  met.operation.add(operation.state);
  for (const item of operation.items) {
    const fits = description.components.schemas.OperationItem.oneOf.map(({ $ref }) => $ref.split('/').at(-1))
      .filter((name) => faultsBy(['components', 'schemas', name], item).length === 0);
    assert.equal(fits.length, 1, JSON.stringify(item));
    met.item.add(item.error && fits[0] === 'ItemSealed' ? 'ItemSealed with error' : fits[0]);
  }
}

async function begin(request, page = door) {
  const { json } = await page.call('sign', { json: request, expect: 202 });
  note(json.operation);
  return json.operation;
}
const end = async (operation, page = door) => page.follow('followOperation', operation, { each: note });
const signed = async (request, page = door) => end(await begin(request, page), page);

async function reaches(operation, state, page = door) {
  let now = operation;
  while (now.state !== state) {
    assert.ok(['preparing', 'waiting_consent', 'signing'].includes(now.state), `${now.state} came before ${state}: ${JSON.stringify(now.error)}`);
    now = (await page.call('followOperation', { id: now.id, query: `?wait=5&seen=${now.revision}`, expect: 200 })).json;
    note(now);
  }
  return now;
}

async function enrolled(each = () => {}) {
  const { json } = await door.call('enrol', { json: { nonce: freshNonce() }, expect: 202 });
  return door.follow('followEnrolment', json.enrolment, { each: (enrolment) => { met.enrolment.add(enrolment.state); each(enrolment); } });
}

test('Without a person nothing can be asked.', async () => {
  assert.equal((await door.call('status', { expect: 200 })).json.prompter, 'absent');
  await door.call('enrol', { json: { nonce: freshNonce() }, expect: 'E-PERSETUJUAN-TIDAK-TERSEDIA' });
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-PERSETUJUAN-TIDAK-TERSEDIA' });
  const failed = await signed(requestOf(rawItems(1)));
  assert.deepEqual([failed.state, failed.error.code], ['failed', 'E-PERSETUJUAN-TIDAK-TERSEDIA']);
});

test('Waiting, standing in the queue, too many, cancelled, too late; and what nobody follows is closed.', async () => {
  await scene.person('silent');
  const [first, second] = [await begin(requestOf(rawItems(2))), await begin(requestOf(rawItems(1)))];
  const forgotten = await begin(requestOf(rawItems(1)), shy);
  const at = Date.now();
  await reaches(first, 'waiting_consent');
  await door.call('sign', { json: requestOf(rawItems(1)), expect: 'E-TERLALU-BANYAK' });
  const { json: { enrolment } } = await door.call('enrol', { json: { nonce: freshNonce() }, expect: 202 });
  met.enrolment.add(enrolment.state);
  await door.call('enrol', { json: { nonce: freshNonce() }, expect: 'E-TERLALU-BANYAK' });
  const nonce = freshNonce();
  await door.call('openSession', { json: { nonce }, expect: 200 });
  for (const operationId of ['openSession', 'enrol']) await door.call(operationId, { json: { nonce }, expect: 'E-NONCE-TERPAKAI' });
  await door.call('authenticate', { json: { challengeNonce: nonce }, expect: 'E-NONCE-TERPAKAI' });
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-TERLALU-BANYAK' });

  for (const one of [first, second]) {
    note((await door.call('cancelOperation', { id: one.id, expect: 200 })).json);
    const ended = await end(one);
    assert.deepEqual([ended.state, ended.error.code], ['cancelled', 'E-DIBATALKAN-APLIKASI']);
    await door.call('cancelOperation', { id: one.id, expect: 'E-SUDAH-BERJALAN' });
  }
  assert.equal((await door.call('cancelEnrolment', { id: enrolment.id, expect: 200 })).json.id, enrolment.id);
  const cancelled = await door.follow('followEnrolment', enrolment);
  met.enrolment.add(cancelled.state);
  assert.deepEqual([cancelled.state, cancelled.error.code], ['cancelled', 'E-DIBATALKAN-APLIKASI']);
  await door.call('cancelEnrolment', { id: enrolment.id, expect: 'E-SUDAH-BERJALAN' });

  await pause(Math.max(0, 10_000 - (Date.now() - at)));
  const closed = await until(20_000, 'the forgotten one is closed', async () => {
    const { json } = await shy.call('operations', { expect: 200 });
    return json.operations.find(({ id, state }) => id === forgotten.id && state === 'cancelled');
  });
  note(closed);
  assert.equal(closed.error.code, 'E-HALAMAN-DITUTUP');
});

test('The same request is the same operation, another one under its number is a conflict.', async () => {
  await scene.person('yes');
  const request = requestOf(rawItems(1));
  const done = await signed(request);
  assert.equal((await door.call('sign', { json: request, expect: 202 })).json.operation.id, done.id);
  await door.call('sign', { json: { ...request, items: rawItems(1) }, expect: 'E-PERMINTAAN-BERBEDA' });
});

test('What the person takes out is rejected, and a no refuses all.', async () => {
  await scene.person('reject:0', 'no', 'yes');
  const partly = await signed(requestOf(rawItems(2)));
  assert.deepEqual([partly.state, ...partly.items.map(({ state }) => state)], ['done', 'rejected', 'signed']);
  const refused = await signed(requestOf(rawItems(2)));
  assert.deepEqual([refused.state, refused.error.code], ['refused', 'E-DIBATALKAN-PENANDA-TANGAN']);
  assert.equal((await enrolled()).state, 'confirmed');
  await scene.person('no', 'leave');
  assert.equal((await enrolled()).state, 'refused');
  assert.deepEqual([(await enrolled()).state], ['failed'], 'the prompter hung up');
});

test('Documents that cannot be signed fail one by one, or end all.', async () => {
  await scene.person('yes');
  const faulty = {
    'not-pdf.docx': 'E-BUKAN-PDF', 'damaged-root-missing.pdf': 'E-DOKUMEN-RUSAK', 'encrypted-password-aes-256.pdf': 'E-DOKUMEN-BERSANDI',
    'certified-itext-p1.pdf': 'E-DOKUMEN-MELARANG',
  };
  const items = [{ name: 'baik.pdf', documentId: (await door.upload(pdf('qpdf-plain.pdf'))).id, appearance: { width: 200, height: 60 } }];
  for (const name of Object.keys(faulty)) items.push({ name, documentId: (await door.upload(pdf(name))).id });
  items.push({ ...items[0], name: 'kecil.pdf', appearance: { width: 5, height: 5 } });
  const done = await signed(padesOf(items));
  assert.equal(done.state, 'done', JSON.stringify(done.error));
  assert.deepEqual(done.items.map(({ state, error }) => error?.code ?? state), ['signed', ...Object.values(faulty), 'E-TAMPILAN-TIDAK-SAH']);
  const stopped = await signed(padesOf(items, { onItemFailure: 'stop' }));
  assert.deepEqual([stopped.state, stopped.error.code], ['failed', 'E-BUKAN-PDF']);
  const again = await signed(padesOf([{ name: 'lagi.pdf', documentId: done.items[0].documentId }]));
  assert.equal(again.error.code, 'E-BELUM-TERSEDIA');
  const weak = await signed(requestOf([{ name: 'x', hash: randomBytes(64).toString('base64'), hashFunction: 'SHA-512' }]));
  assert.equal(weak.error.code, 'E-ALGORITMA-TIDAK-DIDUKUNG');
  const nobodys = await signed(requestOf(rawItems(1), { certificate: 'AAAA' }));
  assert.equal(nobodys.error.code, 'E-SERTIFIKAT-TIDAK-DITEMUKAN');
  await door.call('authenticate', { json: { challengeNonce: freshNonce(), certificate: 'AAAA' }, expect: 'E-SERTIFIKAT-TIDAK-DITEMUKAN' });
});

test('While the token signs, items are told as started and signed.', async () => {
  await scene.person('yes');
  scene.site.misbehave('C_Sign slow');
  const begun = await begin(requestOf(rawItems(8)));
  await reaches(begun, 'signing');
  await door.call('cancelOperation', { id: begun.id, expect: 'E-SUDAH-BERJALAN' });
  assert.equal((await end(begun)).state, 'done');
  scene.site.behave();
});

test('Faults of the token are told as described, of signatures, of logins and of the lists.', async () => {
  await scene.person('yes');
  for (const [orders, code] of [
    ['C_Sign wrong', 'E-TANDA-TANGAN-TOKEN-SALAH'], ['C_Sign crash', 'E-MODUL-BERHENTI'], ['C_Sign removed', 'E-TOKEN-DICABUT'],
    ['C_Login removed', 'E-TOKEN-DICABUT'],
  ]) {
    scene.site.misbehave(orders);
    const failed = await signed(requestOf(rawItems(3)));
    assert.deepEqual([failed.state, failed.error.code], ['failed', code], orders);
    await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: code });
    scene.site.behave();
    assert.equal((await signed(requestOf(rawItems(1)))).state, 'done', `after ${orders}`);
  }
  for (const [orders, member, value] of [
    ['C_GetTokenInfo pinpad', 'pinPad', true], ['C_GetTokenInfo locked', 'pinState', 'locked'], ['C_GetTokenInfo final', 'pinState', 'final-try'],
  ]) {
    scene.site.misbehave(orders);
    assert.equal((await door.call('status', { expect: 200 })).json.tokens[0][member], value, orders);
  }
  scene.site.misbehave('C_GetTokenInfo locked');
  assert.equal((await signed(requestOf(rawItems(1)))).error.code, 'E-PASSPHRASE-TERKUNCI');
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-PASSPHRASE-TERKUNCI' });
  scene.site.misbehave('C_GetTokenInfo removed');
  const { json: empty } = await door.call('status', { expect: 200 });
  assert.deepEqual([empty.tokens, empty.warnings.map(({ code }) => code)], [[], ['E-TOKEN-TIDAK-ADA']]);
  assert.equal((await signed(requestOf(rawItems(1)))).error.code, 'E-TOKEN-TIDAK-ADA');
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-TOKEN-TIDAK-ADA' });
  scene.site.misbehave('C_GetSlotList crash');
  assert.equal((await door.call('status', { expect: 200 })).json.warnings[0].code, 'E-MODUL-BERHENTI');
  await door.call('certificates', { expect: 'E-MODUL-BERHENTI' });
  scene.site.behave();
});

test('A wrong PIN, an empty one, and a login that the person declines.', async () => {
  await scene.person('wrong', 'no', 'wrong', 'no', 'empty', 'no', 'yes');
  const wrong = await signed(requestOf(rawItems(1)));
  assert.deepEqual([wrong.state, wrong.error.code], ['failed', 'E-PASSPHRASE-SALAH']);
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-PASSPHRASE-SALAH' });
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-PASSPHRASE-KOSONG' });
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-DIBATALKAN-PENANDA-TANGAN' });
  await door.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 200 });
});

test('After three refusals an origin pauses.', async () => {
  await scene.person('no');
  for (let i = 0; i < 3; ++i) assert.equal((await signed(requestOf(rawItems(1)), shy)).state, 'refused');
  await shy.call('sign', { json: requestOf(rawItems(1)), expect: 'E-JEDA-PENOLAKAN' });
  await shy.call('enrol', { json: { nonce: freshNonce() }, expect: 'E-JEDA-PENOLAKAN' });
  await shy.call('authenticate', { json: { challengeNonce: freshNonce() }, expect: 'E-JEDA-PENOLAKAN' });
});

test('Cut off by a crash of the agent, an operation tells what is signed, unknown and not reached.', async () => {
  await scene.person('yes');
  scene.site.misbehave('C_Sign slow');
  const request = requestOf(rawItems(40));
  const begun = await begin(request);
  await until(10_000, 'some are signed', async () => (await door.call('followOperation', { id: begun.id, expect: 200 })).json.done >= 4);
  await scene.agent.kill();
  scene.prompter = undefined; // it has gone with the agent
  await scene.agent.startAgain();
  scene.site.behave();
  await door.call('status', { expect: 'E-SESI-TIDAK-ADA' });
  await door.open();
  const { json: { operations: [left] } } = await door.call('operations', { expect: 200 });
  note(left);
  assert.deepEqual([left.id, left.state, left.error.code], [begun.id, 'failed', 'E-HASIL-TIDAK-DIKETAHUI']);
  assert.equal((await door.call('sign', { json: request, expect: 202 })).json.operation.id, begun.id);
});

test('Every state that the description names was met.', () => {
  const { Operation, Enrolment, OperationItem } = description.components.schemas;
  assert.deepEqual([...met.operation].sort(), [...Operation.properties.state.enum].sort());
  assert.deepEqual([...met.enrolment].sort(), [...Enrolment.properties.state.enum].sort());
  assert.deepEqual([...met.item].sort(), [...OperationItem.oneOf.map(({ $ref }) => $ref.split('/').at(-1)), 'ItemSealed with error'].sort());
  assert.ok(seen.has('cancelOperation 200') && seen.has('cancelEnrolment 200'));
});
