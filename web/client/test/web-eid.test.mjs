import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign as signBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { connect } from '../dist/index.js';
import { ErrorCode, webEid, WebEidError } from '../dist/web-eid.js';
import { FakeAgent, wireError } from './support/fake-agent.mjs';
import { open } from './support/open.mjs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const algorithm = (cryptoAlgorithm, hashFunction, paddingScheme) => ({ cryptoAlgorithm, hashFunction, paddingScheme });
const token = { unverifiedCertificate: 'MIID', algorithm: 'ES256', signature: 'AAAA', format: 'web-eid:1.0', appVersion: 'jurukunci/0.1.0' };
const ecdsa = algorithm('ECC', 'SHA-256', 'NONE');
const usable = (certificate, supportedSignatureAlgorithms = [ecdsa]) => ({ certificate, supportedSignatureAlgorithms, usable: true, refusals: [] });
const refusals = [wireError('E-MASA-BERLAKU-HABIS', 'Habis masa berlaku.')];
const expired = { certificate: 'MIIX', supportedSignatureAlgorithms: [], usable: false, refusals };

async function opened(t, changes, config) {
  const agent = await FakeAgent.start(t, { authentication: async () => token, certificates: [usable('MIID')], ...changes });
  return { agent, webeid: webEid(await open(agent), { taskKind: 'persuratan_elektronik', ...config }) };
}

const fails = (code, name) => (error) => {
  assert.ok(error instanceof WebEidError, String(error.stack));
  assert.deepEqual([error.code, error.name], [code, name]);
  return true;
};

test('the codes are those of web-eid.js, each with its own name', () => {
  for (const [key, value] of Object.entries(ErrorCode)) assert.equal(key, value);
  assert.equal(new WebEidError('ERR_WEBEID_USER_CANCELLED', '').name, 'UserCancelledError');
  assert.equal(new WebEidError('ERR_WEBEID_UNKNOWN_ERROR', '').name, 'UnknownError');
  assert.equal(new WebEidError('ERR_WEBEID_NATIVE_INVALID_ARGUMENT', '').name, 'NativeInvalidArgumentError');
});

test('status answers three versions', async (t) => {
  const { webeid } = await opened(t);
  assert.deepEqual(await webeid.status(), { library: version, extension: '0.1.0', nativeApp: '0.1.0' });
});

test('authenticate answers the token, field by field', async (t) => {
  const { agent, webeid } = await opened(t);
  assert.deepEqual(await webeid.authenticate('bm9uY2U=', { lang: 'en', userInteractionTimeout: 60_000 }), token);
  const [{ body, headers }] = agent.callsOf('POST /v1/authenticate');
  assert.deepEqual(body, { challengeNonce: 'bm9uY2U=' });
  assert.equal(headers['accept-language'], 'en');
});

test('the signing certificate comes with its algorithms', async (t) => {
  const { webeid } = await opened(t, { certificates: [expired, usable('MIID')] });
  assert.deepEqual(await webeid.getSigningCertificate({ lang: 'id' }), { certificate: 'MIID', supportedSignatureAlgorithms: [ecdsa] });
});

test('where several certificates are usable the page chooses, or cancels', async (t) => {
  const certificates = [usable('MIIA'), usable('MIIB')];
  const chosen = async (config) => (await opened(t, { certificates }, config)).webeid.getSigningCertificate();
  assert.equal((await chosen({ choose: ([, second]) => second })).certificate, 'MIIB');
  await assert.rejects(chosen({ choose: async () => null }), fails('ERR_WEBEID_USER_CANCELLED', 'UserCancelledError'));
  await assert.rejects(chosen(), fails('ERR_WEBEID_NATIVE_FATAL', 'NativeFatalError'));
});

test('without a usable certificate the error says why', async (t) => {
  const { webeid } = await opened(t, { certificates: [expired] });
  const why = await webeid.getSigningCertificate().catch((error) => error);
  assert.deepEqual([why.cause.code, why.userMessage], ['E-MASA-BERLAKU-HABIS', 'Habis masa berlaku.']);
  await assert.rejects((await opened(t, { certificates: [] })).webeid.getSigningCertificate(), fails('ERR_WEBEID_NATIVE_FATAL', 'NativeFatalError'));
});

test('an ECDSA signature is r and s side by side, for every curve and every length of r and s', async (t) => {
  for (const [curve, hashFunction, bytes] of [['prime256v1', 'SHA-256', 32], ['secp384r1', 'SHA-384', 48], ['secp521r1', 'SHA-512', 66]]) {
    const { certificate, privateKey, publicKey } = selfSigned(t, curve);
    const hashName = hashFunction.replace('-', '').toLowerCase();
    const supported = [algorithm('ECC', 'SHA-256', 'NONE'), algorithm('ECC', 'SHA-384', 'NONE'), algorithm('ECC', 'SHA-512', 'NONE')];
    const { agent, webeid } = await opened(t, { certificates: [usable(certificate, supported)] });
    const lengths = new Set();
    for (let i = 0; i < 40; i++) {
      const data = Buffer.from(`data ${i}`);
      const der = signBytes(hashName, data, privateKey);
      lengths.add(der.length);
      agent.signature = der.toString('base64');
      const signing = webeid.sign(certificate, createHash(hashName).update(data).digest('base64'), hashFunction);
      agent.finish(await agent.asked());
      const { signature, signatureAlgorithm } = await signing;
      assert.deepEqual(signatureAlgorithm, algorithm('ECC', hashFunction, 'NONE'));
      const both = Buffer.from(signature, 'base64');
      assert.equal(both.length, 2 * bytes);
      assert.ok(verify(hashName, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, both), `${curve} ${der.toString('hex')}`);
    }
    assert.ok(lengths.size > 1, curve); // short and long numbers were among them
  }
});

test('an RSA signature stays as it is, and PKCS#1 v1.5 goes before PSS', async (t) => {
  const supported = [algorithm('RSA', 'SHA-256', 'PSS'), algorithm('RSA', 'SHA-256', 'PKCS1.5')];
  const config = { purpose: 'tte', name: 'Kontainer', order: () => 'o.r.d' };
  const { agent, webeid } = await opened(t, { certificates: [usable('MIIR', supported)], signature: 'UlNB' }, config);
  const signing = webeid.sign('MIIR', 'AAAA', 'SHA-256', { userInteractionTimeout: 5_000 });
  agent.finish(await agent.asked());
  assert.deepEqual(await signing, { signature: 'UlNB', signatureAlgorithm: supported[1] });
  const { requestId: _, ...body } = agent.callsOf('POST /v1/signatures')[0].body;
  assert.deepEqual(body, {
    format: 'RAW', items: [{ name: 'Kontainer', hash: 'AAAA', hashFunction: 'SHA-256' }], order: 'o.r.d',
    purpose: 'tte', taskKind: 'persuratan_elektronik', certificate: 'MIIR', signatureAlgorithm: supported[1], onItemFailure: 'continue',
  });
});

test('what is missing is said before anybody is asked', async (t) => {
  const { agent, webeid } = await opened(t);
  const missing = fails('ERR_WEBEID_MISSING_PARAMETER', 'MissingParameterError');
  await assert.rejects(webeid.authenticate(), missing);
  await assert.rejects(webeid.sign('', 'AAAA', 'SHA-256'), missing);
  await assert.rejects(webeid.sign('MIID', '', 'SHA-256'), missing);
  await assert.rejects(webeid.sign('MIID', 'AAAA', ''), missing);
  await assert.rejects(webEid(await open(agent)).sign('MIID', 'AAAA', 'SHA-256'), missing); // no taskKind
  const invalid = fails('ERR_WEBEID_NATIVE_INVALID_ARGUMENT', 'NativeInvalidArgumentError');
  await assert.rejects(webeid.sign('MIID', 'AAAA', 'SHA-224'), invalid);
  await assert.rejects(webeid.sign('MIIZ', 'AAAA', 'SHA-256'), invalid);
  assert.equal(agent.callsOf('POST /v1/authenticate').length + agent.operations.size, 0);
});

test('what the agent refuses becomes the code that web-eid.js would give', async (t) => {
  for (const [code, webEidCode, name] of [
    ['E-DIBATALKAN-PENANDA-TANGAN', 'ERR_WEBEID_USER_CANCELLED', 'UserCancelledError'],
    ['E-TIDAK-ADA-JAWABAN', 'ERR_WEBEID_USER_TIMEOUT', 'UserTimeoutError'],
    ['E-TERLALU-BANYAK', 'ERR_WEBEID_ACTION_PENDING', 'ActionPendingError'],
    ['E-PERMINTAAN-TIDAK-SAH', 'ERR_WEBEID_NATIVE_INVALID_ARGUMENT', 'NativeInvalidArgumentError'],
    ['E-BELUM-TERSEDIA', 'ERR_WEBEID_NATIVE_FATAL', 'NativeFatalError'],
  ]) {
    const { webeid } = await opened(t, { authentication: async () => { throw new Error(code); } });
    await assert.rejects(webeid.authenticate('bm9uY2U='), (error) => {
      assert.equal(error.cause.code, code);
      assert.equal(error.userMessage, error.cause.userMessage);
      return fails(webEidCode, name)(error);
    });
  }
  const { agent, webeid } = await opened(t);
  await agent.stop();
  await assert.rejects(webeid.authenticate('bm9uY2U='), fails('ERR_WEBEID_NATIVE_UNAVAILABLE', 'NativeUnavailableError'));
});

test('a person who takes too long, and a page that goes away', async (t) => {
  const { webeid } = await opened(t, { authentication: () => new Promise(() => {}) });
  await assert.rejects(webeid.authenticate('bm9uY2U=', { userInteractionTimeout: 30 }), fails('ERR_WEBEID_USER_TIMEOUT', 'UserTimeoutError'));
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('the person left')), 20);
  await assert.rejects(webeid.authenticate('bm9uY2U=', { signal: stop.signal }), { message: 'the person left' });
});

test('connects when the first call comes, once, and tries again after a failure', async (t) => {
  const agent = await FakeAgent.start(t, { authentication: async () => token });
  let connections = 0;
  let port = 1;
  const webeid = webEid(() => { connections++; return connect({ ports: [port], nonce: async () => 'bm9uY2U=', checkProof: async () => true }); });
  await assert.rejects(webeid.status(), fails('ERR_WEBEID_EXTENSION_UNAVAILABLE', 'ExtensionUnavailableError'));
  port = agent.port;
  await webeid.status();
  await webeid.authenticate('bm9uY2U=');
  assert.equal(connections, 2);
  const old = webEid(() => connect({ ports: [agent.port], minimumVersion: '9.0.0', nonce: async () => 'bm9uY2U=', checkProof: async () => true }));
  await assert.rejects(old.status(), (error) => {
    assert.deepEqual(error.requiresUpdate, { extension: false, nativeApp: true });
    assert.equal(error.nativeApp, '0.1.0');
    return fails('ERR_WEBEID_VERSION_MISMATCH', 'VersionMismatchError')(error);
  });
  await assert.rejects(webEid(async () => { throw new Error('the server is down'); }).status(), fails('ERR_WEBEID_UNKNOWN_ERROR', 'UnknownError'));
});

/** A certificate by the openssl command; who issued it does not matter here. */
function selfSigned(t, curve) {
  const folder = mkdtempSync(join(tmpdir(), 'jurukunci-web-eid-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, certificate] = ['key.pem', 'certificate.der'].map((name) => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-keyout', key, '-subj', '/CN=Uji',
    '-days', '2', '-outform', 'DER', '-out', certificate], { stdio: 'ignore' });
  const privateKey = createPrivateKey(readFileSync(key));
  return { certificate: readFileSync(certificate).toString('base64'), privateKey, publicKey: createPublicKey(privateKey) };
}
