// Makes docs/protocol/vectors with node:crypto and the openssl command alone, so that @jurukunci/server does not judge its own work.
// Ed25519 signs the same bytes each time; ECDSA and the certificates do not, so those files change whenever this runs.
import { createHash, createPrivateKey, createPublicKey, constants, sign, X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const out = process.argv[2];
if (!out) throw new Error('usage: make-vectors.mjs FOLDER');
const scratch = mkdtempSync(join(tmpdir(), 'jurukunci-vectors-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const write = (name, value) => writeFileSync(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
const base64url = (value) => Buffer.from(value).toString('base64url');
const sha256 = (value) => createHash('sha256').update(value).digest();
const spki = (key) => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
const ed25519 = (seed) => createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8',
});

const origin = 'https://eoffice.pekalongankota.go.id';
const deviceSeed = sha256('jurukunci test vectors: the device key');
const device = ed25519(deviceSeed);
const publicKey = spki(device);
const stranger = ed25519(sha256('jurukunci test vectors: a stranger'));
const signed = (key, lines) => sign(null, Buffer.from(lines.join('\n')), key).toString('base64');
const proofOf = (key, lines) => ({ algorithm: 'Ed25519', publicKey: spki(key), signature: signed(key, lines) });

// Session proof ------------------------------------------------------------------------------------------------------------------------------
{
  const said = { nonce: 'AAECAwQFBgcICQoLDA0ODw==', port: 17845, version: '0.1.0', environment: 'uji', expiresAt: '2026-11-21T16:00:00Z' };
  const linesOf = (at, { nonce, port, version, environment, expiresAt }) =>
    ['jurukunci-session-v1', at, String(port), nonce, version, environment, expiresAt];
  const expected = { origin, nonce: said.nonce, publicKey, minimumVersion: '0.1.0', now: '2026-11-21T08:00:00Z' };
  const good = { proof: proofOf(device, linesOf(origin, said)), ...said };
  const proofFor = (at, changes = {}, key = device) => ({ ...said, ...changes, proof: proofOf(key, linesOf(at, { ...said, ...changes })) });
  write('session-proof.json', {
    about: 'POST /v1/session: the lines that are signed, and what a server must say to what a page hands it. '
      + 'deviceSeed is the Ed25519 private key (RFC 8032), base64.',
    deviceSeed: deviceSeed.toString('base64'),
    expected,
    lines: linesOf(origin, said),
    cases: [
      { sentence: 'the agent that is known', evidence: good, reason: null },
      { sentence: 'another port, as the agent has five to choose from', evidence: proofFor(origin, { port: 17849 }), reason: null },
      { sentence: 'for another origin', evidence: proofFor('https://evil.example'), reason: 'bad-signature' },
      { sentence: 'a port that was not signed', evidence: { ...good, port: 17846 }, reason: 'bad-signature' },
      { sentence: 'a version that was not signed', evidence: { ...good, version: '9.9.9' }, reason: 'bad-signature' },
      { sentence: 'an environment that was not signed', evidence: { ...good, environment: 'produksi' }, reason: 'bad-signature' },
      { sentence: 'an end that was not signed', evidence: { ...good, expiresAt: '2026-11-22T16:00:00Z' }, reason: 'bad-signature' },
      { sentence: 'a squatter with a key of its own', evidence: proofFor(origin, {}, stranger), reason: 'unknown-agent' },
      { sentence: 'a squatter that shows the known key and signs with its own',
        evidence: { ...said, proof: { ...proofOf(stranger, linesOf(origin, said)), publicKey } }, reason: 'bad-signature' },
      { sentence: 'a nonce of its own', evidence: proofFor(origin, { nonce: 'EBESExQVFhcYGRobHB0eHw==' }), reason: 'wrong-nonce' },
      { sentence: 'a session that is over', evidence: proofFor(origin, { expiresAt: '2026-11-21T07:59:59Z' }), reason: 'expired' },
      { sentence: 'an agent that is too old', evidence: proofFor(origin, { version: '0.0.9' }), reason: 'outdated' },
      { sentence: 'a line smuggled into a field', evidence: proofFor(origin, { version: '0.1.0\nuji' }), reason: 'malformed' },
      { sentence: 'a port that is no number', evidence: { ...good, port: '17845' }, reason: 'malformed' },
      { sentence: 'a key that is none', evidence: { ...good, proof: { ...good.proof, publicKey: 'AAAA' } }, reason: 'unknown-agent' },
      { sentence: 'another algorithm', evidence: { ...good, proof: { ...good.proof, algorithm: 'none' } }, reason: 'malformed' },
      { sentence: 'no proof', evidence: { ...said, proof: null }, reason: 'malformed' },
    ],
  });
}

// Enrolment ----------------------------------------------------------------------------------------------------------------------------------
{
  const codeLines = (nonce, key, at = origin) => ['jurukunci-code-v1', at, nonce, key];
  const codeOf = (...about) => String(sha256(codeLines(...about).join('\n')).readBigUInt64BE(0) % 1_000_000n).padStart(6, '0');
  const nonce = 'EBESExQVFhcYGRobHB0eHw==';
  // with a leading zero, which a number would lose
  let zero = 0;
  const nonceOf = (i) => sha256(`nonce ${i}`).subarray(0, 16).toString('base64');
  while (!codeOf(nonceOf(zero), publicKey).startsWith('0')) zero++;
  const said = { nonce, port: 17845, version: '0.1.0', environment: 'uji' };
  const linesOf = (at, { nonce: n, port, version, environment }, code) => ['jurukunci-enrolment-v1', at, String(port), n, version, environment, code];
  const evidenceOf = (changes = {}, { at = origin, key = device, code } = {}) => {
    const all = { ...said, ...changes };
    return { ...all, proof: proofOf(key, linesOf(at, all, code ?? codeOf(all.nonce, spki(key), at))) };
  };
  const good = evidenceOf();
  write('enrolment.json', {
    about: 'POST /v1/enrolments: the code that page, agent and server work out, the lines that are signed once it is confirmed, '
      + 'and what a server must say.',
    deviceSeed: deviceSeed.toString('base64'),
    codes: [
      [nonce, publicKey, origin], [nonceOf(zero), publicKey, origin], [nonce, spki(stranger), origin], [nonce, publicKey, 'https://localhost:8443'],
    ].map(([n, key, at]) => {
      const lines = codeLines(n, key, at);
      return { lines, sha256: sha256(lines.join('\n')).toString('hex'), code: codeOf(n, key, at) };
    }),
    expected: { origin, nonce, minimumVersion: '0.1.0' },
    code: codeOf(nonce, publicKey),
    lines: linesOf(origin, said, codeOf(nonce, publicKey)),
    cases: [
      { sentence: 'confirmed by the person', evidence: good, reason: null },
      { sentence: 'a code that does not follow from nonce and key', evidence: evidenceOf({}, { code: '000000' }), reason: 'bad-signature' },
      { sentence: 'for another origin', evidence: evidenceOf({}, { at: 'https://evil.example' }), reason: 'bad-signature' },
      { sentence: 'a port that was not signed', evidence: { ...good, port: 17846 }, reason: 'bad-signature' },
      { sentence: 'an environment that was not signed', evidence: { ...good, environment: 'produksi' }, reason: 'bad-signature' },
      { sentence: 'the key of another agent under this signature',
        evidence: { ...good, proof: { ...good.proof, publicKey: spki(stranger) } }, reason: 'bad-signature' },
      { sentence: 'a session proof instead', reason: 'bad-signature',
        evidence: { ...said, proof: proofOf(device, ['jurukunci-session-v1', origin, '17845', nonce, '0.1.0', 'uji', '2026-11-21T16:00:00Z']) } },
      { sentence: 'an old nonce', evidence: evidenceOf({ nonce: nonceOf(zero) }), reason: 'wrong-nonce' },
      { sentence: 'an agent that is too old', evidence: evidenceOf({ version: '0.0.9' }), reason: 'outdated' },
      { sentence: 'a key that is none', evidence: { ...good, proof: { ...good.proof, publicKey: 'AAAA' } }, reason: 'bad-signature' },
      { sentence: 'no proof', evidence: { ...said, proof: null }, reason: 'malformed' },
    ],
  });
}

// Orders -------------------------------------------------------------------------------------------------------------------------------------
{
  const orderSeed = sha256('jurukunci test vectors: the key of the application server');
  const edKey = ed25519(orderSeed);
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', join(scratch, 'order.pem')]);
  const esKey = createPrivateKey(readFileSync(join(scratch, 'order.pem')));
  const now = 1795248060;
  const documents = [
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ];
  const certificate = sha256('a certificate').toString('hex');
  const header = { alg: 'EdDSA', typ: 'jurukunci-order+jws' };
  const payload = {
    iss: origin, aud: 'jurukunci', sub: 'Jana Kusuma', iat: 1795248000, exp: 1795248300, jti: 'c9bA0m2Yt8Wc5s1yXq0Z3A',
    purpose: 'tte', taskKind: 'persuratan_elektronik', documents,
  };
  const seal = (input, alg = 'EdDSA') => `${input}.${(alg === 'ES256' ? sign('sha256', Buffer.from(input), { key: esKey, dsaEncoding: 'ieee-p1363' })
    : sign(null, Buffer.from(input), edKey)).toString('base64url')}`;
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  const jws = (p = payload, h = header, alg = 'EdDSA') => seal(`${base64url(text(h))}.${base64url(text(p))}`, alg);
  const without = (name) => Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name));
  const bad = 'E-PERINTAH-TIDAK-SAH';
  const good = jws();
  const [h, p, s] = good.split('.');
  const request = { origin, purpose: 'tte', taskKind: 'persuratan_elektronik', documents, certificate: null };
  const cases = [
    ['EdDSA', { jws: good, code: null }],
    ['ES256', { key: 'ES256', jws: jws(payload, { ...header, alg: 'ES256' }, 'ES256'), code: null }],
    ['with the certificate that must sign', { jws: jws({ ...payload, certificate }), request: { certificate }, code: null }],
    ['made on a server whose clock is ahead by less than a minute', { jws: jws({ ...payload, iat: now + 60, exp: now + 360 }), code: null }],
    ['members in another order, with spaces',
      { jws: jws(JSON.stringify(Object.fromEntries(Object.entries(payload).reverse()), null, 1)), code: null }],
    ['a name outside ASCII', { jws: jws({ ...payload, sub: 'Dr. Ñusa – Ωmega' }), code: null }],

    ['in the last second', { jws: good, now: payload.exp - 1, code: null }],
    ['too late', { jws: good, now: payload.exp + 1, code: 'E-PERINTAH-KEDALUWARSA' }],
    ['clock ahead by more than a minute', { jws: jws({ ...payload, iat: now + 61, exp: now + 361 }), code: bad, member: 'iat' }],
    ['valid for more than five minutes', { jws: jws({ ...payload, exp: payload.iat + 301 }), code: bad, member: 'exp' }],
    ['for another origin', { jws: jws({ ...payload, iss: 'https://evil.example' }), code: bad, member: 'iss' }],
    ['for another audience', { jws: jws({ ...payload, aud: 'other' }), code: bad, member: 'aud' }],
    ['an audience in a list', { jws: jws({ ...payload, aud: ['jurukunci'] }), code: bad, member: 'aud' }],
    ['without a user', { jws: jws(without('sub')), code: bad, member: 'sub' }],
    ['a user longer than 200 bytes', { jws: jws({ ...payload, sub: 'a'.repeat(201) }), code: bad, member: 'sub' }],
    ['without a jti', { jws: jws(without('jti')), code: bad, member: 'jti' }],
    ['a jti that is too short', { jws: jws({ ...payload, jti: 'short' }), code: bad, member: 'jti' }],
    ['a jti with other signs', { jws: jws({ ...payload, jti: 'c9bA0m2Yt8Wc5s1y+q0Z3A' }), code: bad, member: 'jti' }],
    ['another purpose', { jws: jws({ ...payload, purpose: 'segel' }), code: bad, member: 'purpose' }],
    ['another kind of task', { jws: jws({ ...payload, taskKind: 'lain' }), code: bad, member: 'taskKind' }],
    ['documents in another order', { jws: jws({ ...payload, documents: [...documents].reverse() }), code: bad, member: 'documents' }],
    ['one document less', { jws: jws({ ...payload, documents: documents.slice(0, 1) }), code: bad, member: 'documents' }],
    ['one document more', { jws: jws({ ...payload, documents: [...documents, documents[0]] }), code: bad, member: 'documents' }],
    ['another document', { jws: jws({ ...payload, documents: [documents[0], certificate] }), code: bad, member: 'documents' }],
    ['no documents', { jws: jws({ ...payload, documents: [] }), code: bad, member: 'documents' }],
    ['another certificate', { jws: jws({ ...payload, certificate: '0'.repeat(64) }), request: { certificate }, code: bad, member: 'certificate' }],
    ['a member that nobody knows', { jws: jws({ ...payload, nbf: payload.iat }), code: bad, member: 'nbf' }],
    ['a time as text', { jws: jws({ ...payload, iat: String(payload.iat) }), code: bad, member: 'iat' }],
    ['a time with a fraction', { jws: jws({ ...payload, iat: payload.iat + 0.5 }), code: bad, member: 'iat' }],
    ['a member twice', { jws: jws(`${JSON.stringify(payload).slice(0, -1)},"sub":"Orang lain"}`), code: bad }],
    ['a payload that is no object', { jws: jws('[]'), code: bad }],
    ['a payload that is no JSON', { jws: jws('{'), code: bad }],
    ['a payload that is no UTF-8', { jws: seal(`${h}.${Buffer.from('{"iss":"\xff"}', 'latin1').toString('base64url')}`), code: bad }],

    ['alg none', { jws: `${base64url('{"alg":"none","typ":"jurukunci-order+jws"}')}.${p}.`, code: bad, member: 'alg' }],
    ['HMAC with the public key as its secret',
      { jws: `${base64url('{"alg":"HS256","typ":"jurukunci-order+jws"}')}.${p}.${s}`, code: bad, member: 'alg' }],
    ['the other algorithm than the key in the registry', { jws: jws(payload, { ...header, alg: 'ES256' }, 'ES256'), code: bad, member: 'alg' }],
    ['another typ', { jws: jws(payload, { ...header, typ: 'JWT' }), code: bad, member: 'typ' }],
    ['without typ', { jws: jws(payload, { alg: 'EdDSA' }), code: bad, member: 'typ' }],
    ['a third member of the header', { jws: jws(payload, { ...header, kid: '1' }), code: bad, member: 'kid' }],
    ['a key in the header', { jws: jws(payload, { ...header, jwk: { kty: 'OKP' } }), code: bad, member: 'jwk' }],
    ['a critical extension', { jws: jws(payload, { ...header, crit: ['exp'] }), code: bad, member: 'crit' }],
    ['signed by somebody else', { jws: `${h}.${p}.${sign(null, Buffer.from(`${h}.${p}`), stranger).toString('base64url')}`, code: bad }],
    ['a payload that was changed', { jws: `${h}.${base64url(JSON.stringify({ ...payload, sub: 'Orang lain' }))}.${s}`, code: bad }],
    ['ECDSA in DER, as no JWS has it', { key: 'ES256', code: bad, jws: (() => {
      const input = `${base64url(JSON.stringify({ ...header, alg: 'ES256' }))}.${p}`;
      return `${input}.${sign('sha256', Buffer.from(input), esKey).toString('base64url')}`;
    })() }],
    ['base64 in place of base64url', { jws: `${h}=.${p}.${s}`, code: bad }],
    ['two parts', { jws: `${h}.${p}`, code: bad }],
    ['four parts', { jws: `${good}.AAAA`, code: bad }],
    ['a line feed at the end', { jws: `${good}\n`, code: bad }],
    ['nothing', { jws: '', code: bad }],
  ].map(([sentence, { request: changes, key = 'EdDSA', ...rest }]) =>
    ({ sentence, key, now, ...rest, ...(changes && { request: { ...request, ...changes } }) }));
  write('order.json', {
    about: 'Orders of POST /v1/signatures. Each case is judged at `now` (seconds since 1970) with the key it names and with its own `request`, or '
      + 'else the one here; `code` null is an order that is good. `member` is what the error message must name. `request.certificate` is the hex '
      + 'SHA-256 of the certificate that would sign.',
    keys: { EdDSA: spki(edKey), ES256: spki(esKey) },
    seed: orderSeed.toString('base64'),
    request,
    header, payload,
    cases,
  });
}

// Authentication -----------------------------------------------------------------------------------------------------------------------------
{
  const at = (name) => join(scratch, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const der = (name) => new X509Certificate(readFileSync(at(`${name}.pem`))).raw.toString('base64');
  const curve = (name) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
  const keyArgs = { p256: curve('P-256'), p384: curve('P-384'), p521: curve('P-521'), rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] };
  const ca = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const person = ['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature,nonRepudiation'];
  writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index')}\nserial=${at('serial')}\nnew_certs_dir=${scratch}\ndefault_md=sha256\n`
    + 'policy=p\nunique_subject=no\n[p]\ncommonName=supplied\norganizationName=optional\ncountryName=optional\n[req]\ndistinguished_name=dn\n[dn]\n');
  writeFileSync(at('index'), '');
  writeFileSync(at('serial'), '1001\n');
  const certify = (name, issuer, { key, cn, extensions, from = '20260101000000Z', to = '20460101000000Z' }) => {
    openssl('genpkey', ...keyArgs[key], '-out', at(`${name}.key`));
    const subject = `/C=ID/O=Jurukunci, hanya untuk uji/CN=${cn}`;
    openssl('req', '-new', '-config', at('ca.cnf'), '-key', at(`${name}.key`), '-subj', subject, '-out', at(`${name}.csr`));
    writeFileSync(at(`${name}.ext`), `${['subjectKeyIdentifier=hash', ...extensions].join('\n')}\n`);
    const self = issuer === name ? ['-selfsign', '-keyfile', at(`${name}.key`)] : ['-cert', at(`${issuer}.pem`), '-keyfile', at(`${issuer}.key`)];
    openssl('ca', '-batch', '-notext', '-config', at('ca.cnf'), '-preserveDN', ...self, '-in', at(`${name}.csr`), '-out', at(`${name}.pem`),
      '-startdate', from, '-enddate', to, '-extfile', at(`${name}.ext`));
  };
  certify('root', 'root', { key: 'p384', cn: 'Root uji', extensions: ca });
  certify('issuer', 'root', { key: 'p256', cn: 'Penerbit uji', extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', ca[1]] });
  certify('es256', 'issuer', { key: 'p256', cn: 'Jana Kusuma', extensions: person });
  certify('es384', 'issuer', { key: 'p384', cn: 'Jana Kusuma', extensions: [...person, 'extendedKeyUsage=clientAuth,emailProtection'] });
  certify('es512', 'issuer', { key: 'p521', cn: 'Jana Kusuma', extensions: person });
  certify('rsa', 'issuer', { key: 'rsa', cn: 'Jana Kusuma', extensions: person });
  certify('expired', 'issuer', { key: 'p256', cn: 'Jana Kusuma', extensions: person, to: '20260601000000Z' });
  certify('future', 'issuer', { key: 'p256', cn: 'Jana Kusuma', extensions: person, from: '20270101000000Z' });
  certify('documents-only', 'issuer', { key: 'p256', cn: 'Jana Kusuma', extensions: [person[0], 'keyUsage=critical,nonRepudiation'] });
  certify('server', 'issuer', { key: 'p256', cn: 'eoffice.example', extensions: [...person, 'extendedKeyUsage=serverAuth'] });
  certify('critical', 'issuer', { key: 'p256', cn: 'Jana Kusuma', extensions: [...person, '1.3.6.1.4.1.55555.1=critical,ASN1:NULL'] });
  certify('second', 'issuer', { key: 'p256', cn: 'CA di bawah pathlen 0', extensions: ca });
  certify('below', 'second', { key: 'p256', cn: 'Jana Kusuma', extensions: person });
  certify('under-person', 'es256', { key: 'p256', cn: 'Orang lain', extensions: person });
  certify('other-root', 'other-root', { key: 'p256', cn: 'Root uji', extensions: ca }); // the same name, another key
  certify('stranger', 'other-root', { key: 'p256', cn: 'Jana Kusuma', extensions: person });

  const challengeNonce = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
  const hashOf = { 256: 'sha256', 384: 'sha384', 512: 'sha512' };
  const signedText = (alg, site = origin, nonce = challengeNonce) => {
    const hash = (value) => createHash(hashOf[alg.slice(2)]).update(value).digest();
    return Buffer.concat([hash(site), hash(nonce)]);
  };
  const paddings = {
    R: { padding: constants.RSA_PKCS1_PADDING }, P: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    E: { dsaEncoding: 'ieee-p1363' },
  };
  const tokenOf = (name, alg, { site, nonce, form = paddings[alg[0]] } = {}) => ({
    unverifiedCertificate: der(name), algorithm: alg,
    signature: sign(hashOf[alg.slice(2)], signedText(alg, site, nonce), { key: readFileSync(at(`${name}.key`)), ...form }).toString('base64'),
    format: 'web-eid:1.0', appVersion: 'jurukunci/0.1.0',
  });
  const longer = (der64) => Buffer.concat([Buffer.from(der64, 'base64'), Buffer.from([0])]).toString('base64');
  const good = tokenOf('es256', 'ES256');
  write('authentication.json', {
    about: 'POST /v1/authenticate: what a server must say to a token. hash(origin) || hash(challengeNonce), both over the texts, is the message '
      + 'that the algorithm signs.',
    expected: {
      origin, challengeNonce, now: '2026-11-21T08:00:00Z', anchors: [der('root')], intermediates: [der('issuer'), der('second'), der('es256')],
    },
    message: { ES256: signedText('ES256').toString('hex'), ES384: signedText('ES384').toString('hex') },
    cases: [
      ...['es256 ES256', 'es384 ES384', 'es512 ES512', 'rsa RS256', 'rsa RS384', 'rsa RS512', 'rsa PS256', 'rsa PS384', 'rsa PS512'].map((pair) => {
        const [name, alg] = pair.split(' ');
        return { sentence: alg, token: tokenOf(name, alg), reason: null };
      }),
      { sentence: 'for another origin', token: tokenOf('es256', 'ES256', { site: 'https://evil.example' }), reason: 'bad-signature' },
      { sentence: 'for another nonce',
        token: tokenOf('es256', 'ES256', { nonce: 'EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=' }), reason: 'bad-signature' },
      { sentence: 'somebody else’s certificate', token: { ...good, unverifiedCertificate: der('rsa'), algorithm: 'RS256' }, reason: 'bad-signature' },
      { sentence: 'ECDSA in DER', token: tokenOf('es256', 'ES256', { form: {} }), reason: 'bad-signature' },
      { sentence: 'an algorithm that is not the key’s', token: { ...good, algorithm: 'ES384' }, reason: 'algorithm' },
      { sentence: 'RSA said, EC key', token: { ...good, algorithm: 'RS256' }, reason: 'algorithm' },
      { sentence: 'no algorithm', token: { ...good, algorithm: 'none' }, reason: 'malformed' },
      { sentence: 'another format', token: { ...good, format: 'web-eid:2.0' }, reason: 'malformed' },
      { sentence: 'no certificate', token: { ...good, unverifiedCertificate: 'AAAA' }, reason: 'malformed' },
      { sentence: 'bytes behind the certificate', token: { ...good, unverifiedCertificate: longer(good.unverifiedCertificate) }, reason: 'malformed' },
      { sentence: 'expired', token: tokenOf('expired', 'ES256'), reason: 'not-valid-now' },
      { sentence: 'not valid yet', token: tokenOf('future', 'ES256'), reason: 'not-valid-now' },
      { sentence: 'a certificate for documents alone', token: tokenOf('documents-only', 'ES256'), reason: 'key-usage' },
      { sentence: 'a server’s certificate', token: tokenOf('server', 'ES256'), reason: 'key-usage' },
      { sentence: 'the certificate of a CA', token: tokenOf('issuer', 'ES256'), reason: 'key-usage' },
      { sentence: 'a critical extension that nobody knows', token: tokenOf('critical', 'ES256'), reason: 'untrusted' },
      { sentence: 'a CA that the path length forbids', token: tokenOf('below', 'ES256'), reason: 'untrusted' },
      { sentence: 'issued by a person', token: tokenOf('under-person', 'ES256'), reason: 'untrusted' },
      { sentence: 'an issuer with the anchor’s name and another key', token: tokenOf('stranger', 'ES256'), reason: 'untrusted' },
    ],
  });
}
