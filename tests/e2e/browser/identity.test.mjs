// Log-in by token and orders of the application's server, with the real agent in a real browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ApplicationWorld } from './support/application-world.mjs';
import { root } from './support/places.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ of: ApplicationWorld, orders: true, more: ['--authentication', '--raw'] });
const letter = readFileSync(join(root, 'web/demo/letters/undangan-rapat.pdf'));
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

scene('The person logs in with the token, and the server verifies certificate, origin and nonce', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('yes');
  const { token, verdict, error } = await page.login();
  assert.equal(error, undefined, JSON.stringify(error));
  assert.deepEqual(verdict, { ok: true, commonName: 'Jana Kusuma' });
  assert.deepEqual(Object.keys(token).sort(), ['algorithm', 'appVersion', 'format', 'signature', 'unverifiedCertificate']);
  const [question] = person.questions;
  assert.equal(question.kind, 'authentication');
  assert.equal(question.origin, world.application.origin);
});

scene('A token that was made for this origin and nonce is good for no other, and only once', async (world) => {
  const page = await world.connectedPage();
  await world.person('yes');
  const { token, challengeNonce } = await page.login();
  const again = (nonce) => page.evaluate(async ({ token, nonce }) => post('/api/login', { token, nonce }), { token, nonce });
  assert.equal((await again(challengeNonce)).reason, 'wrong-nonce');
  const other = await page.evaluate(() => nonce());
  assert.equal((await again(other)).reason, 'bad-signature');
});

scene('A person who says no is not logged in', async (world) => {
  const page = await world.connectedPage();
  await world.person('no');
  const { error } = await page.login();
  assert.equal(error.code, 'E-DIBATALKAN-PENANDA-TANGAN', JSON.stringify(error));
  assert.ok(error.userMessage.length > 10);
});

scene('Web eID’s four calls work over the same session', async (world) => {
  const page = await world.connectedPage();
  await world.person('yes');
  const said = await page.evaluate(async () => {
    const order = async (documents) => (await post('/api/order', { documents })).order;
    const webeid = jurukunci.webEid(session, { taskKind: 'persuratan_elektronik', order });
    const status = await webeid.status();
    const challengeNonce = await nonce();
    const token = await webeid.authenticate(challengeNonce, { lang: 'en' });
    const login = await post('/api/login', { token, nonce: challengeNonce });
    const { certificate, supportedSignatureAlgorithms } = await webeid.getSigningCertificate();
    return { status, login, certificate, supportedSignatureAlgorithms, challengeNonce };
  });
  assert.match(said.status.nativeApp, /^\d+\.\d+\.\d+/);
  assert.equal(said.login.ok, true, JSON.stringify(said.login));
  const { createHash, verify, X509Certificate } = await import('node:crypto');
  const data = Buffer.from('data to be signed');
  world.application.own(data);
  const hash = createHash('sha256').update(data).digest('base64');
  const { signature, signatureAlgorithm } = await page.evaluate(async ({ hash, certificate }) => {
    const order = async (documents) => (await post('/api/order', { documents })).order;
    return jurukunci.webEid(session, { taskKind: 'persuratan_elektronik', order }).sign(certificate, hash, 'SHA-256');
  }, { hash, certificate: said.certificate });
  assert.ok(said.supportedSignatureAlgorithms.some((one) => JSON.stringify(one) === JSON.stringify(signatureAlgorithm)));
  const { publicKey } = new X509Certificate(Buffer.from(said.certificate, 'base64'));
  const form = signatureAlgorithm.cryptoAlgorithm === 'ECC' ? { dsaEncoding: 'ieee-p1363' } : {};
  assert.ok(verify('sha256', data, { key: publicKey, ...form }, Buffer.from(signature, 'base64')));
});

scene('With an order of its server the page has its letter signed', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('yes');
  world.application.own(letter);
  const { state, documentId, error } = await page.sign(base64(letter));
  assert.equal(error, undefined, JSON.stringify(error));
  assert.equal(state, 'done');
  assert.equal(person.questions.length, 1);
  const report = await page.evaluate((id) => jurukunci.verify(session, id), documentId);
  assert.equal(report.signatures.length, 1);
  assert.equal(report.signatures[0].integrity, 'intact');
});

scene('A detached signature needs an order, too, and gets one', async (world) => {
  const page = await world.connectedPage();
  await world.person('yes');
  world.application.own(letter);
  const { signature, error } = await page.sign(base64(letter), { how: 'signDetached' });
  assert.equal(error, undefined, JSON.stringify(error));
  assert.equal(Buffer.from(signature, 'base64')[0], 0x30);
});

scene('A script smuggled into the page gets nothing signed: its letter is not the server’s, and without an order nobody is asked', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('yes');
  const forged = Buffer.concat([letter, Buffer.from('\n% another letter\n')]);
  assert.match((await page.sign(base64(forged))).error.message, /not ours/);
  assert.equal((await page.sign(base64(forged), { order: null })).error.code, 'E-PERINTAH-DIPERLUKAN');
  world.application.own(letter);
  const { order } = await page.sign(base64(letter));
  assert.equal((await page.sign(base64(forged), { order })).error.code, 'E-PERINTAH-TIDAK-SAH'); // a good order, for another letter
  assert.equal((await page.sign(base64(letter), { order })).error.code, 'E-NONCE-TERPAKAI'); // the right letter, a second time
  assert.equal((await page.sign(base64(letter), { order: 'a.b.c' })).error.code, 'E-PERINTAH-TIDAK-SAH');
  assert.equal(person.questions.length, 1); // of the one good request
});

scene('What is not built is said so', async (world) => {
  const page = await world.connectedPage();
  const codes = await page.evaluate(() => {
    const codeOf = (call) => jurukunci[call](session, 'd_1').then(() => 'done', ({ code, status }) => `${status} ${code}`);
    return Promise.all(['encrypt', 'decrypt'].map(codeOf));
  });
  assert.deepEqual(codes, ['501 E-BELUM-TERSEDIA', '501 E-BELUM-TERSEDIA']);
});
