// A token prepared and destroyed by the RA desk's page: every step over HTTP, one question for each, every answer held to the description.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { mustRun } from '../browser/support/child.mjs';
import { description, operation } from './support/description.mjs';
import { seen } from './support/door.mjs';
import { origin, Scene } from './support/scene.mjs';

let scene, door, serial;
const met = new Set();
const registration = operation('beginProvisioning').requestBody.content['application/json'].examples['key-generate'].value.case;

before(async () => {
  scene = await Scene.start({ unruly: true, seconds: 60 }, ['--issuing-key']);
  door = await scene.page();
  secret('so-pin', 'amplop-4471'); // what init sets
  secret('pin', 'Kopi-tubruk-77'); // what pin-set sets
});
after(() => scene?.stop());

const secret = (role, text) => writeFileSync(join(scene.site.folder, `secret-${role}`), text);
const note = ({ state }) => met.add(state);
const begin = async (request) => {
  const { json: { provisioning } } = await door.call('beginProvisioning', { json: request, expect: 202 });
  note(provisioning);
  return provisioning;
};
const end = (provisioning) => door.follow('followProvisioning', provisioning, { each: note });
const follow = async (provisioning, query) => {
  const { json } = await door.call('followProvisioning', { id: provisioning.id, query, expect: 200 });
  note(json);
  return json;
};
const token = async () => (await door.call('tokenContents', { expect: 200 })).json.tokens.find((one) => one.serial === serial);

/** A step that ends well, and what the person was asked for it: once. */
async function done(request, secrets) {
  const asked = scene.prompter.questions.length;
  const provisioning = await end(await begin({ ...(serial && { serial }), ...request }));
  assert.equal(provisioning.state, 'done', JSON.stringify(provisioning));
  const questions = scene.prompter.questions.slice(asked);
  assert.deepEqual(questions.map(({ kind, origin: by, step }) => [kind, by, step]), [['provisioning', origin, request.step]]);
  assert.deepEqual(questions[0].secrets.map(({ role }) => role), secrets);
  return provisioning;
}

/** As the demo CA would answer a request. */
async function issued(pem) {
  const [csr, certificate, extensions] = ['csr.pem', 'certificate.der', 'extensions'].map((name) => join(scene.folder, name));
  writeFileSync(csr, pem);
  writeFileSync(extensions, 'keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:FALSE\n'
    + 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n');
  const { issuingPem, issuingKey } = scene.site;
  await mustRun('openssl', ['x509', '-req', '-in', csr, '-CA', issuingPem, '-CAkey', issuingKey, '-CAcreateserial', '-days', '30', '-extfile', extensions,
    '-outform', 'DER', '-out', certificate]);
  return readFileSync(certificate);
}

test('From an empty slot to a certificate and to the destruction, with one question for each step.', async () => {
  await scene.person('yes');
  const made = await done({ step: 'init', label: 'Sri W.' }, ['new-so-pin']);
  ({ serial } = made.token);
  assert.equal((await token()).state, 'without-pin');
  await done({ step: 'pin-set' }, ['so-pin', 'new-pin']);
  const { result: { keyId } } = await done({ step: 'key-generate', case: registration }, ['pin']);
  const { result: { certificateRequest } } = await done({ step: 'csr', keyId, case: registration }, ['pin']);
  const certificate = await issued(certificateRequest);
  const { result: { certificateSha256 } } = await done({ step: 'cert-import', case: registration, certificate: certificate.toString('base64') }, ['pin']);
  const complete = await token();
  assert.deepEqual([complete.state, complete.nextStep, complete.certificates.map(({ sha256 }) => sha256)], ['complete', null, [certificateSha256]]);

  await done({ step: 'cert-delete', certificateSha256 }, ['pin']);
  await done({ step: 'cert-import', case: registration, certificate: certificate.toString('base64') }, ['pin']);
  await done({ step: 'pin-unblock' }, ['so-pin', 'new-pin']);

  const destruction = { reason: 'mutasi', officer: 'Rina', witnesses: ['Agus'], minutes: 'BA-12/2026' };
  const { result } = await done({ step: 'destroy', destruction }, ['so-pin']);
  const record = Buffer.from(result.record, 'base64'), fields = JSON.parse(record);
  assert.deepEqual([fields.officer, fields.origin, fields.certificateSha256], ['Rina', origin, [certificateSha256]]);
  const key = createPublicKey({ key: Buffer.from(fields.signedBy, 'base64'), format: 'der', type: 'spki' });
  assert.ok(verify(null, record, key, Buffer.from(result.recordSignature, 'base64')));
  const empty = await token();
  assert.deepEqual([empty.state, empty.nextStep, empty.keys, empty.certificates], ['without-pin', 'token pin set', [], []]);
});

test('A no changes nothing, and is no consent for the next one.', async () => {
  await scene.person('no', 'yes');
  const refused = await end(await begin({ step: 'pin-set', serial }));
  assert.deepEqual([refused.state, refused.error.code], ['refused', 'E-DIBATALKAN-PENANDA-TANGAN']);
  assert.equal((await token()).state, 'without-pin');
  await done({ step: 'pin-set' }, ['so-pin', 'new-pin']);
});

test('While the page follows, the question stays open; cancelled, it closes and the token is as it was.', async () => {
  await scene.person('silent');
  const first = await begin({ step: 'pin-set', serial });
  await door.call('beginProvisioning', { json: { step: 'pin-set', serial }, expect: 'E-TERLALU-BANYAK' });
  let now = first;
  while (now.state !== 'waiting_consent') now = await follow(now, `?wait=5&seen=${now.revision}`);
  now = await follow(now, `?wait=12&seen=${now.revision}`); // longer than the lease
  assert.equal(now.state, 'waiting_consent');
  note((await door.call('cancelProvisioning', { id: now.id, expect: 200 })).json);
  assert.equal((await scene.prompter.closing()).reason.code, 'E-DIBATALKAN-APLIKASI');
  const cancelled = await end(now);
  assert.deepEqual([cancelled.state, cancelled.error.code], ['cancelled', 'E-DIBATALKAN-APLIKASI']);
  await door.call('cancelProvisioning', { id: now.id, expect: 'E-SUDAH-BERJALAN' });
  await door.call('cancelProvisioning', { id: 'p_tidakadatidakada', expect: 'E-TIDAK-DITEMUKAN' });
  assert.equal((await token()).state, 'without-key');
  assert.deepEqual((await token()).interrupted, []);
});

test('A step that nobody follows is closed after ten seconds.', async () => {
  await scene.person('silent');
  const at = Date.now(); // the agent counts from when it was asked
  const left = await begin({ step: 'pin-set', serial });
  assert.equal((await scene.prompter.closing()).reason.code, 'E-HALAMAN-DITUTUP');
  assert.ok(Date.now() - at > 9_000, 'not before its time');
  const closed = await follow(left, '');
  assert.deepEqual([closed.state, closed.error.code], ['cancelled', 'E-HALAMAN-DITUTUP']);
});

test('What the module broke off is told, by the step and by the token, until a step ends well.', async () => {
  await scene.person('yes');
  scene.site.misbehave('C_GenerateKeyPair done-crash');
  const failed = await end(await begin({ step: 'key-generate', serial, case: registration }));
  assert.deepEqual([failed.state, failed.error.code], ['failed', 'E-MODUL-BERHENTI']);
  scene.site.behave();
  const told = await token();
  assert.deepEqual(told.interrupted.map(({ operation: id, step, error }) => [id, step, error.code]), [[failed.id, 'key-generate', 'E-LANGKAH-TERPUTUS']]);
  assert.equal(told.state, 'key-without-certificate', 'the token itself says how far it came');
  scene.site.misbehave('C_Sign slow');
  await done({ step: 'csr', case: registration }, ['pin']);
  scene.site.behave();
  assert.deepEqual((await token()).interrupted, []);
});

test('Every state that the description names was met, and a cancelling.', () => {
  assert.deepEqual([...met].sort(), [...description.components.schemas.Provisioning.properties.state.enum].sort());
  assert.ok(seen.has('cancelProvisioning 200'));
});
