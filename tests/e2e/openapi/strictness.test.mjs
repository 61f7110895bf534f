// What the description does not allow, the door refuses, as described, and takes what it allows: bodies changed in one place, other methods, other
// paths, other queries, other headers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { at, description, operation, operations, resolved, responseSteps } from './support/description.mjs';
import { freshNonce } from './support/door.mjs';
import { fresh } from './support/fresh.mjs';
import { neighbours, objectsIn } from './support/neighbours.mjs';
import { orderedOrigin, origin, Scene } from './support/scene.mjs';

let scene, door, certificate;

before(async () => {
  scene = await Scene.start({ items: 3 });
  door = await scene.page();
  certificate = (await door.call('certificates', { expect: 200 })).json.find(({ usable }) => usable).certificate;
});
after(() => scene?.stop());

const withJsonBody = operations.filter(({ requestBody }) => requestBody?.content['application/json']?.schema.$ref);
const nowhere = ['components', 'responses', 'NothingThere'];
const pathOf = (path) => path.replace('{id}', 'tidak-ada');

for (const { operationId, steps, requestBody } of withJsonBody) {
  const schema = [...steps, 'requestBody', 'content', 'application/json', 'schema'];
  for (const [name, example] of Object.entries(requestBody.content['application/json'].examples)) {
    test(`Around "${name}", ${operationId} takes what is described and nothing else.`, async () => {
      const page = example['x-needs']?.includes('order_key') ? await scene.page(orderedOrigin) : door;
      const good = await fresh(example, { door: page, scene, certificate });
      let sent = 0;
      const disputed = [];
      for (const { what, body, expect, valid } of neighbours(good, schema)) {
        const { status, json } = await page.call(operationId, { json: body });
        const agreed = valid ? status !== 400 || json.error.code === 'E-TUGAS-KOSONG' : status === 400;
        if (!agreed) disputed.push(`${what}: ${valid ? 'described' : 'not described'}, answered ${status} ${JSON.stringify(json).slice(0, 200)}`);
        if (expect) assert.equal(json.error.code, expect, what);
        sent += valid ? 0 : 1;
      }
      assert.deepEqual(disputed, []);
      assert.ok(sent >= 8, `only ${sent} faults were found`);
    });
  }
}

test('A member that is named like a PIN or a delegation is called that.', async () => {
  for (const { operationId, requestBody } of withJsonBody) {
    const good = await fresh(Object.values(requestBody.content['application/json'].examples)[0], { door, scene, certificate });
    for (const { inside } of objectsIn(good)) {
      await door.call(operationId, { json: inside({ passphrase: 'rahasia' }), expect: 'E-PASSPHRASE-DARI-APLIKASI' });
      await door.call(operationId, { json: inside({ atas_nama: 'Wali Kota' }), expect: 'E-PENDELEGASIAN-DILARANG' });
    }
  }
});

test('An order with any other member, without one, or with a wrong one is refused by name.', async () => {
  const page = await scene.page(orderedOrigin);
  const example = operation('sign').requestBody.content['application/json'].examples.ordered;
  const good = await fresh(example, { door: page, scene, certificate });
  const { payload, header } = scene.order(['0'.repeat(64)]);
  const parts = [['OrderPayload', payload, (body) => scene.order([], body)], ['OrderHeader', header, (body) => scene.order([], payload, body)]];
  for (const [schema, part, make] of parts) {
    for (const { what, body, valid } of neighbours(part, ['components', 'schemas', schema])) {
      if (valid) continue;
      if (!body || typeof body !== 'object' || JSON.stringify(body).length > 500_000) continue; // no payload to sign; too long as an order already
      const missing = Object.fromEntries(Object.keys(part).filter((name) => !(name in body)).map((name) => [name, undefined]));
      const { json } = await page.call('sign', { json: { ...good, order: make({ ...body, ...missing }).jws }, expect: 403 });
      assert.equal(json.error.code, 'E-PERINTAH-TIDAK-SAH', `${schema}: ${what}: ${JSON.stringify(json)}`);
    }
  }
});

test('Bodies that are no JSON as the protocol wants it are refused.', async () => {
  for (const { operationId } of operations.filter(({ requestBody }) => requestBody?.content['application/json'])) {
    for (const body of ['', '{', '{"a": 1, "a": 2}', '[1] 2', '{"a": "\ud800"', '[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]']) {
      await door.call(operationId, { body, expect: 'E-PERMINTAAN-TIDAK-SAH' });
    }
    await door.call(operationId, { json: 'x', type: 'text/plain', expect: 'E-JENIS-ISI-SALAH' });
    await door.call(operationId, { json: 'x', headers: { 'Content-Type': null }, expect: 'E-JENIS-ISI-SALAH' });
    await door.call(operationId, { body: '', headers: { 'Content-Length': (4 << 20) + 1 }, expect: 'E-TERLALU-BESAR' });
  }
  await door.call('uploadDocument', { body: '', type: 'application/pdf', expect: 'E-PERMINTAAN-TIDAK-SAH' });
  await door.call('uploadDocument', { body: 'x', type: 'text/plain', expect: 'E-JENIS-ISI-SALAH' });
});

test('A path has the methods that are described, and the refusal of every other one lists them.', async () => {
  for (const [path, item] of Object.entries(description.paths)) {
    const described = ['get', 'post', 'put', 'patch', 'delete', 'head', 'trace'].filter((method) => item[method]);
    for (const method of ['get', 'post', 'put', 'patch', 'delete', 'head', 'trace'].filter((one) => !described.includes(one))) {
      const answer = await door.raw(method, pathOf(path), { headers: ['post', 'put'].includes(method) ? { 'Content-Length': 0 } : {} });
      assert.equal(answer.status, 405, `${method} ${path}`);
      if (method === 'head') {
        assert.equal(answer.raw.length, 0);
        continue;
      }
      const { json } = door.heldTo(['components', 'responses', 'MethodNotAllowed'], `${method} ${path}`, answer);
      assert.ok(json.error.message.includes(answer.headers.allow), 'header and message list the same');
      const allowed = json.error.message.match(/allowed: (.*)\.$/)[1].split(', ').map((word) => word.toLowerCase());
      assert.deepEqual(allowed.sort(), described.sort(), path);
    }
  }
});

test('No other path is there.', async () => {
  const others = Object.keys(description.paths).map(pathOf)
    .flatMap((path) => [`${path}/`, `${path}x/y`, path.toUpperCase(), path.replace('/v1/', '/v2/'), `/${path}`]);
  others.push('/', '/v1', '/v1/', '/openapi.yaml', '/v1/documents/', '/v1/documents//content', `/v1/documents/${'x'.repeat(65)}`);
  for (const path of new Set(others)) {
    for (const method of ['get', 'post', 'delete']) {
      const answer = await door.raw(method, path, { headers: method === 'post' ? { 'Content-Length': 0 } : {} });
      assert.equal(answer.status, 404, `${method} ${path} answered ${answer.raw}`);
      door.heldTo(nowhere, `${method} ${path}`, answer);
    }
  }
});

test('A query parameter that is not described is refused, and so is a described one out of its range.', async () => {
  for (const { operationId, requestBody, responses, parameters } of operations) {
    const type = Object.keys(requestBody?.content ?? {})[0];
    const sent = requestBody ? { body: type === 'application/json' ? '{}' : 'x', type } : {};
    const described = parameters.filter((parameter) => parameter.in === 'query');
    for (const name of ['warna', 'wait', 'seen'].filter((one) => !described.some((parameter) => parameter.name === one))) {
      const existing = '404' in responses && !requestBody ? await somethingFor(operationId) : undefined;
      await door.call(operationId, { ...sent, id: existing, query: `?${name}=1`, expect: 'E-KOLOM-TIDAK-DIKENAL' });
    }
    for (const { name, schema } of described) {
      const existing = await somethingFor(operationId);
      const wrong = ['', 'x', '1.5', '-1', '1x', '%31', ...(schema.maximum !== undefined ? [String(schema.maximum + 1)] : ['18446744073709551616'])];
      for (const value of wrong) await door.call(operationId, { id: existing, query: `?${name}=${value}`, expect: 'E-PERMINTAAN-TIDAK-SAH' });
      await door.call(operationId, { id: existing, query: `?${name}=0&${name}=0`, expect: 'E-PERMINTAAN-TIDAK-SAH' });
    }
  }
});

/** An id that the operation would find. */
const made = {};
async function somethingFor(operationId) {
  if (/Document$/.test(operationId)) return (await door.upload(Buffer.from('isi'))).id;
  if (/Operation$/.test(operationId)) {
    if (!made.operation) {
      const example = operation('sign').requestBody.content['application/json'].examples['inline-content'];
      made.operation = (await door.call('sign', { json: await fresh(example, { door, scene, certificate }), expect: 202 })).json.operation.id;
    }
    return made.operation;
  }
  if (/Provisioning$/.test(operationId)) {
    if (!made.provisioning) {
      await scene.person('yes');
      const example = operation('beginProvisioning').requestBody.content['application/json'].examples['key-generate'];
      made.provisioning = (await door.call('beginProvisioning', { json: example.value, expect: 202 })).json.provisioning;
      await door.follow('followProvisioning', made.provisioning);
      await scene.nobody();
    }
    return made.provisioning.id;
  }
  if (!made.enrolment) {
    await scene.person('yes');
    made.enrolment = (await door.call('enrol', { json: { nonce: freshNonce() }, expect: 202 })).json.enrolment.id;
    await scene.nobody();
  }
  return made.enrolment;
}

test('Without its session a call is answered with 401, and needs none where the description says so.', async () => {
  for (const { operationId, security, path, method, steps } of operations) {
    const type = path === '/v1/documents' ? 'application/pdf' : 'application/json';
    const answer = await door.raw(method, pathOf(path), { body: method === 'post' ? '{}' : undefined, type, token: null });
    const { json } = door.held(steps, operationId, answer);
    assert.equal(json.error?.code === 'E-SESI-TIDAK-ADA', security?.length !== 0, operationId);
    assert.equal('401' in at(steps).responses, security?.length !== 0, operationId);
  }
  for (const token of ['x', 'x'.repeat(43), '']) await door.call('status', { headers: { Authorization: `Bearer ${token}` }, expect: 401 });
  await door.call('status', { headers: { Authorization: `Basic ${door.token}` }, expect: 401 });
  const other = await scene.page(orderedOrigin);
  await other.call('status', { headers: { Authorization: `Bearer ${door.token}` }, expect: 401 });
});

test('Every call is refused to other hosts, origins and ways of asking, with the answers described.', async () => {
  const wrong = [
    [{ Host: 'jurukunci.test' }, 'E-HOST-SALAH', false], [{ Host: `127.0.0.1:${scene.agent.port + 1}` }, 'E-HOST-SALAH', false],
    [{ Origin: 'https://asing.example' }, 'E-ASAL-TIDAK-DISETUJUI', false], [{ Origin: null }, 'E-ASAL-TIDAK-DISETUJUI', false],
    [{ Origin: `${origin}/` }, 'E-ASAL-TIDAK-DISETUJUI', false], [{ Origin: 'null' }, 'E-ASAL-TIDAK-DISETUJUI', false],
    [{ 'Sec-Fetch-Mode': 'no-cors' }, 'E-CARA-AKSES-SALAH', true], [{ 'Sec-Fetch-Dest': 'image' }, 'E-CARA-AKSES-SALAH', true],
    [{ Upgrade: 'websocket', Connection: 'Upgrade' }, 'E-CARA-AKSES-SALAH', true],
    [{ 'Transfer-Encoding': 'chunked', 'Content-Length': null }, 'E-PANJANG-TIDAK-ADA', true],
  ];
  for (const { operationId, requestBody } of operations) {
    const type = Object.keys(requestBody?.content ?? {})[0];
    for (const [headers, code, listed] of wrong) {
      const answer = await door.call(operationId, { ...(requestBody && { body: '{}', type }), id: 'tidak-ada', headers, expect: code });
      assert.equal(answer.headers['access-control-allow-origin'] === origin, listed, `${operationId} ${code}`);
    }
    if (!requestBody) await door.call(operationId, { body: '{}', id: 'tidak-ada', expect: 'E-PERMINTAAN-TIDAK-SAH' });
  }
});

test('Where the browser says how it asks, and says it right, it is let in; and each of the described hosts is the agent.', async () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) await door.call('hello', { headers: { Host: `${host}:${scene.agent.port}` }, expect: 200 });
  const parameters = operation('hello').parameters.filter(({ name }) => name.startsWith('Sec-'));
  await door.call('hello', { headers: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema.const])), expect: 200 });
});

test('A preflight is answered as described, on every path.', async () => {
  const steps = ['components', 'pathItems', 'Preflight', 'options'];
  const ask = async (path, headers) => door.held(steps, 'preflight', await door.raw('options', path, { headers, token: null }));
  for (const path of [...Object.keys(description.paths).map(pathOf), '/tidak/ada']) {
    const plain = await ask(path, { 'Access-Control-Request-Method': 'POST' });
    assert.equal(plain.status, 204);
    assert.equal(plain.headers['access-control-allow-private-network'], undefined);
    const private_ = await ask(path, { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Private-Network': 'true' });
    assert.equal(private_.headers['access-control-allow-private-network'], 'true');
    assert.equal((await ask(path, {})).json.error.code, 'E-METODE-SALAH');
    assert.equal((await ask(path, { 'Access-Control-Request-Method': 'GET', Origin: 'https://asing.example' })).status, 403);
    assert.equal((await ask(path, { 'Access-Control-Request-Method': 'GET', Host: 'x' })).status, 421);
  }
  const allowed = at(steps).responses['204'].headers['Access-Control-Allow-Methods'].schema.const.split(', ').map((word) => word.toLowerCase());
  assert.deepEqual(allowed.sort(), [...new Set(operations.map(({ method }) => method))].sort(), 'no method that is described is missing');
});

test('What is not there is 404 wherever an id is asked for, also by another origin.', async () => {
  const document = await door.upload(Buffer.from('isi'));
  const other = await scene.page(orderedOrigin);
  for (const { operationId, path } of operations.filter((one) => one.path.includes('{id}'))) {
    await door.call(operationId, { id: 'tidak-ada', expect: 'E-TIDAK-DITEMUKAN' });
    if (path.includes('documents')) await other.call(operationId, { id: document.id, expect: 'E-TIDAK-DITEMUKAN' });
    assert.ok(responseSteps(operation(operationId).steps, '404'));
  }
  await other.call('verify', { json: { documentId: document.id }, expect: 'E-TIDAK-DITEMUKAN' });
});

test('What policy refuses before anybody is asked comes with the described status.', async () => {
  const { 'pades-visible': visible, 'pades-batch': batch, raw } = operation('sign').requestBody.content['application/json'].examples;
  const asked = async (example, change) => ({ ...await fresh(example, { door, scene, certificate }), ...change });
  const elsewhere = await asked(visible, {});
  elsewhere.items[0].appearance.link = 'https://asing.example/cek';
  for (const [json, code] of [
    [await asked(visible, { purpose: 'pengamanan_dokumen' }), 'E-KEGUNAAN-TIDAK-DIIZINKAN'],
    [await asked(visible, { taskKind: 'liburan' }), 'E-TUGAS-KOSONG'],
    [await asked(visible, { level: 'PAdES_BASELINE_LTA' }), 'E-BELUM-TERSEDIA'],
    [await asked(batch, { items: Array.from({ length: 4 }, () => elsewhere.items[0]) }), 'E-BATAS-PERSETUJUAN'],
    [elsewhere, 'E-TAUTAN-TIDAK-TERDAFTAR'],
    [await asked(raw, { order: scene.order(['0'.repeat(64)]).jws }), 'E-PERINTAH-TIDAK-SAH'],
    [await asked(visible, { items: [{ name: 'x', documentId: 'd_tidakada' }] }), 'E-TIDAK-DITEMUKAN'],
  ]) await door.call('sign', { json, expect: code });
  const ordered = await scene.page(orderedOrigin);
  const request = await fresh(visible, { door: ordered, scene, certificate });
  await ordered.call('sign', { json: request, expect: 'E-PERINTAH-DIPERLUKAN' });
  const { sha256, id } = await ordered.upload(Buffer.from('isi'));
  const past = Math.floor(Date.now() / 1000) - 400;
  const late = scene.order([sha256], { iat: past, exp: past + 300 }).jws;
  await ordered.call('sign', { json: { ...request, items: [{ name: 'x', documentId: id }], order: late }, expect: 'E-PERINTAH-KEDALUWARSA' });
});

test('Errors speak the language of the request.', async () => {
  const told = async (language) => (await door.call('downloadDocument', { id: 'x', headers: { 'Accept-Language': language } })).json.error;
  const [indonesian, english] = [await told('id-ID,id;q=0.9,en;q=0.8'), await told('en-GB,en;q=0.9')];
  assert.notEqual(indonesian.userMessage, indonesian.message);
  assert.equal(english.userMessage, english.message);
  assert.equal(resolved(operation('hello').parameters.find(({ name }) => name === 'Accept-Language')).in, 'header');
});
