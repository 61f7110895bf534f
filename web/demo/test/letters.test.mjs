import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { series } from '../letters/series.mjs';
import { Office } from './support/office.mjs';

let office;
before(async () => {
  office = await Office.start();
  await office.signIn();
});
after(() => office.stop());

const letters = new URL('../letters/', import.meta.url);
const put = (id, body, headers = {}) =>
  office.ask('PUT', `/api/letters/${id}/signed`, { headers: { 'content-type': 'application/pdf', ...headers }, body });
const signedCopy = (id, more = '\n<< /ByteRange [0 1 2 3] >>\n%%EOF\n') =>
  Buffer.concat([readFileSync(new URL(`${id}.pdf`, letters)), Buffer.from(more)]);

test('says where it listens, and lists the letters with their files', async () => {
  assert.match(office.firstLine, /^listening https:\/\/localhost:\d+$/);
  const { status, json } = await office.ask('GET', '/api/letters');
  assert.equal(status, 200);
  assert.deepEqual(
    json.slice(0, 3).map(({ id }) => id),
    ['undangan-rapat', 'nota-dinas', 'surat-keputusan'],
  );
  for (const field of ['id', 'title', 'number'])
    assert.equal(new Set(json.map((letter) => letter[field])).size, json.length, `each has its own ${field}`);
  assert.ok(json.length >= 60);
  const drawn = new Map(series().map(({ letter, bytes }) => [letter.id, bytes]));
  for (const { id, url, pages, signed } of json) {
    assert.equal(signed, null);
    const file = await office.ask('GET', url);
    assert.equal(file.headers['content-type'], 'application/pdf');
    assert.equal(file.headers['content-security-policy'], "frame-ancestors 'self'");
    assert.deepEqual(file.bytes, drawn.get(id) ?? readFileSync(new URL(`${id}.pdf`, letters)));
    assert.ok(file.bytes.length < 150_000);
    assert.equal(Number(/\/Count (\d+)/.exec(file.bytes.toString('latin1'))[1]), pages);
  }
});

test('keeps what adds a signature to the draft', async () => {
  const signed = signedCopy('nota-dinas');
  const stored = await put('nota-dinas', signed);
  assert.equal(stored.status, 200);
  assert.equal(stored.json.signed.size, signed.length);
  assert.deepEqual((await office.ask('GET', '/api/letters/nota-dinas/signed')).bytes, signed);
  assert.match((await office.ask('GET', '/cek/nota-dinas')).bytes.toString(), new RegExp(stored.json.signed.sha256));
  assert.equal((await put('nota-dinas', signed)).status, 200, 'the same again, after a lost answer');
  const other = await put('nota-dinas', signedCopy('nota-dinas', '\n/ByteRange another one'));
  assert.equal(other.status, 409);
  assert.deepEqual((await office.ask('GET', '/api/letters/nota-dinas/signed')).bytes, signed);
});

test('refuses what is not this letter with a signature', async () => {
  const draft = readFileSync(new URL('surat-keputusan.pdf', letters));
  const changed = signedCopy('surat-keputusan');
  changed[1000] ^= 1;
  for (const [body, code] of [
    [signedCopy('undangan-rapat'), 'S-BUKAN-SURAT-INI'],
    [changed, 'S-BUKAN-SURAT-INI'],
    [draft, 'S-BUKAN-SURAT-INI'],
    [Buffer.concat([draft, Buffer.from('\nnothing')]), 'S-TANPA-TANDA-TANGAN'],
  ]) {
    const { status, json } = await put('surat-keputusan', body);
    assert.deepEqual([status, json.error.code], [422, code]);
  }
  assert.equal((await office.ask('GET', '/api/letters/surat-keputusan/signed')).json.error.code, 'S-BELUM-DITANDATANGANI');
  assert.match((await office.ask('GET', '/cek/surat-keputusan')).bytes.toString(), /Belum ditandatangani/);
});

test('refuses more than a letter can be, announced or not', async () => {
  assert.equal((await put('undangan-rapat', '', { 'content-length': String(33 * 1024 * 1024) })).status, 413);
  const unannounced = await put('undangan-rapat', Buffer.alloc(34 * 1024 * 1024), { 'transfer-encoding': 'chunked' }).catch((error) => error);
  assert.ok(
    unannounced.status === 413 || unannounced.code === 'EPIPE' || unannounced.code === 'ECONNRESET',
    String(unannounced.status ?? unannounced),
  );
  assert.equal((await office.ask('GET', '/api/letters/undangan-rapat/signed')).status, 404);
});

test('takes changes from its own page only', async () => {
  const { port } = new URL(office.origin);
  for (const origin of ['https://evil.example', 'null', `http://localhost:${port}`, undefined]) {
    const { status } = await put('surat-keputusan', signedCopy('surat-keputusan'), { origin });
    assert.equal(status, 403, String(origin));
  }
  assert.equal((await office.ask('GET', '/api/letters', { headers: { host: `evil.example:${port}` } })).status, 421);
});

test('leads nowhere else', async () => {
  for (const path of [
    '/../server/main.mjs',
    '/assets/../../server/main.mjs',
    '/%2e%2e/package.json',
    '/api/letters/..%2fletters/file',
    '/api/letters/../../package/file',
    '/api/letters/x/file',
    '/cek/..',
    '/cek/',
    '//etc/passwd',
    '/index.html/',
  ]) {
    assert.equal((await office.ask('GET', path)).status, 404, path);
  }
  assert.equal((await office.ask('DELETE', '/api/letters/nota-dinas/signed')).status, 405);
});

test('shows letters only to those who are signed in, but the stored one to anybody with its QR code', async () => {
  const stranger = { headers: { cookie: '__Host-eoffice=AAAA' } };
  for (const path of ['/api/letters', '/api/letters/nota-dinas/file', '/api/letters/nota-dinas/signed', '/api/batches']) {
    const { status, json } = await office.ask('GET', path, stranger);
    assert.deepEqual([status, json.error.code], [401, 'S-BELUM-MASUK'], path);
  }
  assert.equal((await put('surat-keputusan', signedCopy('surat-keputusan'), { cookie: '' })).status, 401);
  assert.equal((await office.ask('GET', '/cek/nota-dinas/surat', stranger)).status, 200);
  assert.equal((await office.ask('GET', '/cek/surat-keputusan/surat', stranger)).status, 404);
});

test('speaks the language that was chosen on the page', async () => {
  const english = { headers: { cookie: `${office.cookie}; bahasa=en` } };
  assert.match((await office.ask('GET', '/cek/surat-keputusan', english)).bytes.toString(), /<html lang="en">[^]*Not signed yet/);
  assert.equal((await office.ask('GET', '/api/letters/x/file', english)).json.error.userMessage, 'Letter not found.');
  assert.equal((await office.ask('GET', '/api/letters/x/file')).json.error.userMessage, 'Surat tidak ditemukan.');
});

test('the page may reach itself and the agent, and nothing may frame it', async () => {
  const { status, headers, bytes } = await office.ask('GET', '/');
  assert.equal(status, 200);
  const policy = headers['content-security-policy'].split('; ');
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self' http://127.0.0.1:*",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]) {
    assert.ok(policy.includes(rule), rule);
  }
  assert.equal(headers['x-content-type-options'], 'nosniff');
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(bytes.toString())[1];
  assert.match((await office.ask('GET', script)).headers['content-type'], /^text\/javascript/);
  assert.deepEqual((await office.ask('GET', '/api/config')).json, {
    agentPorts: [17845, 17846],
    tokenLogin: false,
    orders: true,
    purpose: 'tte',
    taskKind: 'persuratan_elektronik',
  });
});
