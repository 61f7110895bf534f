// Browsers as they are in an office: several tabs, a reload at the wrong moment, a crash; and a signature begun in one browser, found in another.
// Seen to fail with an agent that lists no operations, and (tabs) with one that takes any number of them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until, within } from './support/bounded.mjs';
import * as judges from './support/judges.mjs';
import { Machine } from './support/machine.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ unruly: true, orders: false }); // pages that use the client directly, without the server's word on each letter

let firefoxOfAll;
async function firefox(world) {
  if (!firefoxOfAll) {
    const machine = new Machine(world.inside('machine'), world.site, world.certificate);
    assert.equal((await machine.browserPolicy('write')).code, 0);
    firefoxOfAll = await world.firefox({ etc: machine.firefox });
  }
  return firefoxOfAll;
}

async function isSigned(world, page, { documentId, name }) {
  const file = join(world.inside('judged'), name);
  writeFileSync(file, await page.document(documentId));
  const verdict = await judges.pdfsig(file);
  assert.ok(verdict.valid && verdict.wholeDocument, verdict.text);
}

scene('[8] A listed page in Firefox, let in by the written policy, has a batch signed from the click to the last letter', async (world) => {
  const person = await world.person('yes');
  const page = await world.clientPage(await firefox(world));
  await page.beginBatch('nota-dinas', 3);
  const { result, error } = await within(20_000, 'the batch ends', page.batchEnd());
  assert.deepEqual(result?.items.map(({ state }) => state), ['signed', 'signed', 'signed'], JSON.stringify(error));
  assert.equal(person.questions.length, 1);
  assert.equal(person.questions[0].origin, world.office.origin);
  const [operation] = await page.operations();
  for (const item of operation.items) await isSigned(world, page, item);
});

scene('A browser that is killed after forty of sixty signatures: all sixty are made, and another browser finds them', async (world) => {
  const count = 60;
  const person = await world.person('yes');
  const firefoxPage = await world.clientPage(await firefox(world)); // open before, so that the killed one's work is not over first
  const chromium = await world.browser({ granted: [world.office.origin] });
  const page = await world.clientPage(chromium);
  world.site.misbehave('C_Sign slow');
  await page.beginBatch('nota-dinas', count);
  await until(30_000, 'forty are signed', async () => await page.signedSoFar() >= 40);
  const dying = chromium.kill();
  const [found] = await firefoxPage.operations();
  await dying;
  assert.equal(found.state, 'signing');
  assert.ok(found.done >= 40 && found.done < count, `${found.done} were done when the browser died`);
  const operation = await within(30_000, 'the operation ends', firefoxPage.followed(found.id));
  assert.deepEqual([operation.id, operation.state, operation.done], [found.id, 'done', count]);
  assert.deepEqual(operation.items.map(({ name, state }) => [name, state]), Array.from({ length: count }, (_, i) => [`Surat ${i + 1}.pdf`, 'signed']));
  assert.equal(person.questions.length, 1, 'the person was asked once');
  for (const item of [operation.items[0], operation.items[59]]) await isSigned(world, firefoxPage, item);
  const audit = await world.audit.verdict();
  assert.ok(audit.code === 0 && audit.intact, JSON.stringify(audit));
});

for (const [name, browserOf] of [['Chromium', (world) => world.chromium], ['Firefox', firefox]]) {
  scene(`${name}: a page that is loaded again in the middle of a signing finds its operation and follows it to the end`, async (world) => {
    const count = 40; // enough for a slow computer to load the page again meanwhile
    const person = await world.person('yes');
    const page = await world.clientPage(await browserOf(world));
    world.site.misbehave('C_Sign slow');
    const calls = world.site.calls('C_Sign');
    await page.beginBatch('nota-dinas', count);
    await until(20_000, 'three are signed', async () => await page.signedSoFar() >= 3);
    await page.reload();
    const [found] = await page.operations();
    assert.equal(found.state, 'signing');
    const operation = await within(20_000, 'the operation ends', page.followed(found.id));
    assert.deepEqual([operation.state, operation.done], ['done', count]);
    await isSigned(world, page, operation.items.at(-1));
    assert.equal(person.questions.length, 1);
    assert.equal(world.site.calls('C_Sign') - calls, count, 'each letter was signed once');
  });
}

scene('Of several tabs that ask at once two are served one after the other, each with its own question, and the third is told to wait', async (world) => {
  const goOn = join(world.inside('tabs'), 'go-on');
  const person = await world.person(`held:${goOn}`);
  const tabs = [await world.clientPage(), await world.clientPage(), await world.clientPage()];
  await tabs[0].beginBatch('nota-dinas', 2);
  await person.question();
  await tabs[1].beginBatch('undangan-rapat', 1);
  await until(20_000, 'the second is queued', async () => (await tabs[2].operations()).filter(({ keptUntil }) => keptUntil === null).length === 2);
  await tabs[2].beginBatch('nota-dinas', 1);
  const third = await within(20_000, 'the third tab hears', tabs[2].batchEnd());
  assert.equal(third.error?.code, 'E-TERLALU-BANYAK');
  assert.equal(person.questions.length, 1, 'while one question is open no other is asked');
  writeFileSync(goOn, '');
  const ends = [await within(20_000, 'the first ends', tabs[0].batchEnd()), await within(20_000, 'the second ends', tabs[1].batchEnd())];
  assert.deepEqual(ends.map(({ result }) => result?.items.map(({ state }) => state)), [['signed', 'signed'], ['signed']]);
  assert.deepEqual(person.questions.map(({ items }) => items.length), [2, 1]);
  await tabs[2].beginBatch('nota-dinas', 1); // now there is room
  assert.equal((await within(20_000, 'the third ends', tabs[2].batchEnd())).result?.items[0].state, 'signed');
});
