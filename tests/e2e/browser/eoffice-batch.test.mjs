// Sixty letters, one consent, one PIN: how they are chosen, what the person takes out, and that each comes to the server once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import * as judges from './support/judges.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes();

scene('Sixty letters are signed with one consent and one PIN, and every one comes to the server once', async (world) => {
  const person = await world.person('yes');
  const before = await world.audit.head();
  world.office.forgetAll();
  const page = await world.readyPage();
  const chosen = await page.choose(60);
  assert.match(await page.mark('sign-selected').innerText(), /Tanda tangani 60 surat/);
  await page.signChosen();
  await page.untilEnd(40_000);

  assert.deepEqual(await page.summary(), { stored: 60 }, page.complaints.join('\n'));
  assert.match(await page.mark('marking').innerText(), /TIDAK SAH/);
  assert.equal(person.questions.length, 1);
  const [question] = person.questions;
  assert.equal(question.items.length, 60);
  assert.equal(question.orderedFor, 'Jana Kusuma', 'the order of the server names its user');
  assert.deepEqual(world.office.received, Object.fromEntries(chosen.map((id) => [id, 1])));
  for (const id of chosen) await page.untilStatus(id, 'signed');
  for (const id of [chosen[0], chosen[31], chosen[59]]) {
    const draft = world.office.draft(id),
      file = world.office.signedFile(id),
      signed = readFileSync(file);
    assert.ok(signed.subarray(0, draft.length).equals(draft), `${id} begins with its draft`);
    const verdict = await judges.pdfsig(file);
    assert.ok(verdict.valid && verdict.wholeDocument, verdict.text);
  }
  const kinds = (await world.audit.rows(before)).map(({ kind }) => kind);
  assert.deepEqual(
    [...new Set(kinds)].filter((kind) => ['consent', 'window', 'signed', 'end'].includes(kind)),
    ['consent', 'window', 'signed', 'end'],
  );
  assert.equal(kinds.filter((kind) => kind === 'consent').length, 1);
  assert.equal(kinds.filter((kind) => kind === 'signed').length, 60);
});

scene('What the person takes out in the consent is shown as taken out, is not signed, and goes on waiting', async (world) => {
  await world.person('reject:1');
  world.office.forgetAll();
  const page = await world.readyPage();
  const chosen = await page.choose(4);
  await page.signChosen();
  await page.untilEnd();
  assert.deepEqual(await page.summary(), { stored: 3, rejected: 1 });
  assert.deepEqual(await page.items(), { [chosen[0]]: 'stored', [chosen[1]]: 'rejected', [chosen[2]]: 'stored', [chosen[3]]: 'stored' });
  assert.match(await page.mark('number-rejected').innerText(), /1 surat Anda keluarkan di jendela Jurukunci; tidak ditandatangani/);
  await page.untilWords(`status-${chosen[1]}`, /Anda keluarkan/);
  await page.untilStatus(chosen[0], 'signed');
  assert.equal(await page.letterStatus(chosen[1]), 'waiting');
  assert.equal(world.office.hasSigned(chosen[1]), false);
  assert.equal(await page.mark('sign-remaining').count(), 0, 'their no is not asked about again');
  await page.mark('close-run').click();
  assert.equal(await page.mark(`sign-${chosen[1]}`).isEnabled(), true);
});

scene('A person who says no to the whole list leaves every letter waiting', async (world) => {
  await world.person('no');
  world.office.forgetAll();
  const page = await world.readyPage();
  const chosen = await page.choose(5);
  await page.signChosen();
  await page.untilEnd();
  assert.equal(await page.mark('error').getAttribute('data-code'), 'E-DIBATALKAN-PENANDA-TANGAN');
  for (const id of chosen) assert.equal(world.office.hasSigned(id), false);
  await page.mark('close-run').click();
  await world.person('yes');
  await page.signChosen(); // the choice is still there
  await page.untilEnd();
  assert.deepEqual(await page.summary(), { stored: 5 });
});

scene('Letters are found by words, kind and status, and all that are shown are chosen at once', async (world) => {
  world.office.forgetAll();
  const page = await world.readyPage();
  const letters = page.page.locator('[data-testid=inbox] .letter');
  const shown = () => letters.count();
  const chosen = async () => ((await page.mark('selection').isVisible()) ? Number(await page.mark('selected-count').getAttribute('data-number')) : 0);
  await letters.nth(59).waitFor();
  const all = await shown();
  await page.mark('search').fill('tanda elektronik');
  const found = await shown();
  assert.ok(found > 1 && found < all, `${found} of ${all}`);
  for (const title of await page.page.locator('.letter').allInnerTexts()) assert.ok(/tanda/i.test(title) && /elektronik/i.test(title), title);
  await page.mark('select-all').check();
  assert.equal(await chosen(), found);
  await page.mark('search').fill('');
  await page.mark('filter-kind').selectOption('Surat edaran');
  assert.equal(await shown(), 7);
  await page.mark('select-all').check();
  const both = await chosen();
  assert.ok(both > found && both <= found + 7);
  assert.match(await page.mark('selected-count').innerText(), /tidak tampil/, 'what the filter hides is told');
  await page.mark('select-all').uncheck();
  await page.mark('clear-selection').click();
  assert.equal(await chosen(), 0);
  await page.mark('filter-status').selectOption('signed');
  assert.equal(await shown(), 0);
  assert.match(await page.page.locator('.none').innerText(), /Tidak ada surat yang cocok/);
});

scene('A list that the server cannot take whole is brought again, without a second signature', async (world) => {
  const person = await world.person('yes');
  world.office.forgetAll();
  const page = await world.readyPage();
  let broken = true;
  await page.page.route('**/api/letters/*/signed', (route) => (broken && route.request().method() === 'PUT' ? route.abort() : route.continue()));
  const chosen = await page.choose(3);
  await page.signChosen();
  await page.untilEnd();
  assert.deepEqual(await page.summary(), { signed: 3 });
  broken = false;
  await page.mark('bring-again').click();
  await page.mark('number-stored').waitFor();
  assert.deepEqual(await page.summary(), { stored: 3 });
  assert.equal(person.questions.length, 1);
  assert.deepEqual(
    chosen.map((id) => world.office.hasSigned(id)),
    [true, true, true],
  );
});
