// Every example of a request is sent to the agent, and what it answers is followed to its end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { description, faultsBy, named, operation, operations } from './support/description.mjs';
import { seen } from './support/door.mjs';
import { fresh } from './support/fresh.mjs';
import { orderedOrigin, Scene } from './support/scene.mjs';

let scene, door, ordered, certificate;

before(async () => {
  scene = await Scene.start();
  await scene.person('yes');
  door = await scene.page();
  ordered = await scene.page(orderedOrigin);
  const { json } = await door.call('certificates', { expect: 200 });
  certificate = json.find(({ usable }) => usable).certificate;
});
after(() => scene?.stop());

const examplesOf = (operationId) => Object.entries(operation(operationId).requestBody.content)
  .flatMap(([type, { examples }]) => Object.entries(examples).map(([name, example]) => ({ type, name, example })));

test('What is asked without a body is answered as described.', async () => {
  const { json: hello } = await door.call('hello', { expect: 200 });
  assert.equal(hello.environment, 'uji');
  assert.equal(hello.version, description.info.version);
  const { json: status } = await door.call('status', { expect: 200 });
  assert.equal(status.prompter, 'present');
  assert.equal(status.tokens.length, 1);
  assert.equal((await door.call('operations', { expect: 200 })).json.operations.length, 0);
});

test('Sessions and enrolments, as their examples ask for them.', async () => {
  for (const { example } of examplesOf('openSession')) {
    await door.call('openSession', { json: await fresh(example, { door, scene, certificate }), expect: 200 });
  }
  for (const { example } of examplesOf('enrol')) {
    const { json } = await door.call('enrol', { json: await fresh(example, { door, scene, certificate }), expect: 202 });
    assert.equal((await door.follow('followEnrolment', json.enrolment)).state, 'confirmed');
  }
});

test('Documents, as the examples upload them, can be had again byte by byte and released.', async () => {
  for (const { type, name, example } of examplesOf('uploadDocument')) {
    const bytes = named(example.externalValue);
    const document = await door.upload(bytes, type);
    assert.equal(document.size, bytes.length, name);
    const content = await door.call('downloadDocument', { id: document.id, expect: 200 });
    assert.ok(content.raw.equals(bytes), name);
    assert.equal(content.headers['content-type'], document.mimeType, name);
    await door.call('releaseDocument', { id: document.id, expect: 204 });
    await door.call('downloadDocument', { id: document.id, expect: 'E-TIDAK-DITEMUKAN' });
  }
});

for (const { name, example } of examplesOf('sign')) {
  test(`Signatures as in "${name}" are made.`, async () => {
    const page = example['x-needs']?.includes('order_key') ? ordered : door;
    const request = await fresh(example, { door: page, scene, certificate });
    const { json } = await page.call('sign', { json: request, expect: 202 });
    const states = new Set();
    const done = await page.follow('followOperation', json.operation, { each: ({ state }) => states.add(state) });
    assert.equal(done.state, 'done', JSON.stringify(done));
    assert.ok(done.items.every(({ state }) => state === 'signed'), JSON.stringify(done.items));
    for (const item of done.items.filter(({ documentId }) => documentId)) {
      assert.ok((await page.call('downloadDocument', { id: item.documentId, expect: 200 })).raw.includes('/ByteRange'));
      const { json: report } = await page.call('verify', { json: { documentId: item.documentId }, expect: 200 });
      assert.equal(report.conclusion, 'valid', JSON.stringify(report));
    }
    const { json: list } = await page.call('operations', { expect: 200 });
    assert.equal(list.operations[0].id, done.id);
  });
}

test('Logins, as their examples ask for them.', async () => {
  for (const { example } of examplesOf('authenticate')) {
    await door.call('authenticate', { json: await fresh(example, { door, scene, certificate }), expect: 200 });
  }
});

test('Tokens are prepared as the examples ask, by the registration authority and by nobody else.', async () => {
  const { json: before } = await door.call('tokenContents', { expect: 200 });
  assert.ok(before.tokens.some(({ state }) => state === 'complete'));
  for (const { name, example } of examplesOf('beginProvisioning')) {
    const { json } = await door.call('beginProvisioning', { json: example.value, expect: 202 });
    const done = await door.follow('followProvisioning', json.provisioning);
    assert.equal(done.state, 'done', `${name}: ${JSON.stringify(done)}`);
    await ordered.call('beginProvisioning', { json: example.value, expect: 'E-BUKAN-RA' });
    await ordered.call('followProvisioning', { id: done.id, expect: 'E-BUKAN-RA' });
  }
  await ordered.call('tokenContents', { expect: 'E-BUKAN-RA' });
});

test('Verifications, as their examples ask for them.', async () => {
  const conclusions = {};
  for (const { name, example } of examplesOf('verify')) {
    conclusions[name] = (await door.call('verify', { json: await fresh(example, { door, scene, certificate }), expect: 200 })).json.conclusion;
  }
  assert.deepEqual(conclusions, { signed: 'not-valid', unsigned: 'no-signature', unreadable: 'unreadable' });
});

test('What is not built is said plainly.', async () => {
  for (const operationId of ['encrypt', 'decrypt']) {
    for (const { example } of examplesOf(operationId)) await door.call(operationId, { json: example.value, expect: 'E-BELUM-TERSEDIA' });
  }
});

test('The parts of an order are what the description says of them.', () => {
  const { payload, header } = scene.order(['0'.repeat(64)]);
  assert.deepEqual(faultsBy(['components', 'schemas', 'OrderPayload'], payload), []);
  assert.deepEqual(faultsBy(['components', 'schemas', 'OrderHeader'], header), []);
});

test('Every operation has answered with each of its good statuses.', () => {
  const missing = operations.filter(({ operationId }) => !['cancelEnrolment', 'cancelOperation', 'cancelProvisioning'].includes(operationId)) // states.test.mjs, provisioning.test.mjs
    .flatMap(({ operationId, responses }) => Object.keys(responses).filter((status) => status < 400).map((status) => `${operationId} ${status}`))
    .filter((what) => !seen.has(what));
  assert.deepEqual(missing, []);
});
