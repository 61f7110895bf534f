// A batch that is cut off in the middle, and what remains of it, with a module that loses its token while it signs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ApplicationWorld } from './support/application-world.mjs';
import { until } from './support/bounded.mjs';
import { root } from './support/places.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ of: ApplicationWorld, unruly: true, items: 40 });
const letter = readFileSync(join(root, 'web/demo/letters/undangan-rapat.pdf')).toString('base64');
const count = 20;

scene('A batch whose token is pulled out goes on with what remains, under a new consent, and no letter is signed twice', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('yes');
  world.site.misbehave('C_Sign slow'); // 200 ms each, so that the token can be pulled out between two
  await page.evaluate(async ({ letter, count }) => {
    const blob = new Blob([Uint8Array.from(atob(letter), (sign) => sign.charCodeAt(0))], { type: 'application/pdf' });
    const { id } = await jurukunci.upload(session, blob);
    const items = Array.from({ length: count }, (_, i) => ({ name: `Surat ${i + 1}.pdf`, documentId: id }));
    globalThis.request = { purpose: 'tte', taskKind: 'persuratan_elektronik', items };
    globalThis.done = 0;
    globalThis.batch = jurukunci.signBatch(session, { ...request, onProgress: (progress) => { globalThis.done = progress.done; } });
    globalThis.batch.catch(() => {});
  }, { letter, count });
  await until(10_000, 'some letters are signed', () => page.evaluate(() => done >= 2));
  world.site.misbehave('C_Sign removed');
  const first = await page.evaluate(async () => {
    const { operation, items } = await batch;
    globalThis.interrupted = operation;
    return { state: operation.state, states: items.map(({ state }) => state) };
  });
  const signed = first.states.filter((state) => state === 'signed').length;
  assert.equal(first.state, 'failed');
  assert.ok(signed >= 2 && signed < count, `${signed} signed`);

  world.site.behave();
  const rest = await page.evaluate(async () => {
    const found = (await jurukunci.operations(session)).find(({ id }) => id === interrupted.id); // as a page that was reloaded would find it
    const items = jurukunci.remaining(found, request.items);
    const { operation } = await jurukunci.signBatch(session, { ...request, items });
    return { names: items.map(({ name }) => name), state: operation.state, states: operation.items.map(({ state }) => state) };
  });
  assert.equal(rest.state, 'done');
  assert.ok(rest.states.every((state) => state === 'signed'), rest.states.join());
  const signedFirst = first.states.flatMap((state, i) => (state === 'signed' ? [`Surat ${i + 1}.pdf`] : []));
  assert.deepEqual([...signedFirst, ...rest.names].sort(), Array.from({ length: count }, (_, i) => `Surat ${i + 1}.pdf`).sort());
  assert.equal(person.questions.length, 2);
  assert.equal(person.questions[1].items.length, rest.names.length);
});
