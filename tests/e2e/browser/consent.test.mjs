// Between the click and the PIN everything can still stop, and then nothing is signed.
import assert from 'node:assert/strict';

import { scenes } from './support/scenes.mjs';

const scene = scenes();
const letter = 'nota-dinas';

/** The log tells of a refusal with this code and of nothing else; the e-office has no signed letter. */
async function nothingWasSigned(world, before, code) {
  const rows = await world.audit.rows(before);
  assert.deepEqual(rows.map(({ kind, body }) => [kind, body.error?.code]), [['refused', code]]);
  assert.equal(world.office.hasSigned(letter), false);
}

scene('The person says no: the page says so and nothing is signed', async (world) => {
  const person = await world.person('no');
  const before = await world.audit.head();
  const page = await world.readyPage();
  await page.sign(letter);
  const { error } = await page.outcome();
  assert.equal(error.code, 'E-DIBATALKAN-PENANDA-TANGAN');
  assert.equal(error.message, 'Anda membatalkan permintaan ini.');
  assert.equal(person.questions.length, 1);
  assert.equal(await page.letterStatus(letter), 'waiting');
  await nothingWasSigned(world, before, 'E-DIBATALKAN-PENANDA-TANGAN');
});

scene('A page that is closed while the person is asked takes its question with it', async (world) => {
  const person = await world.person('silent');
  const before = await world.audit.head();
  const page = await world.readyPage();
  await page.sign(letter);
  const { id } = await person.question();
  const left = Date.now();
  await page.close();
  const { closed: question, reason } = await person.closing(30_000);
  const seconds = (Date.now() - left) / 1000;
  assert.equal(question, id);
  assert.equal(reason.code, 'E-HALAMAN-DITUTUP');
  assert.ok(seconds > 5, `the dialog closed after ${seconds} s; a page has ten seconds to come back`);
  await world.audit.until(before, 'refused');
  await nothingWasSigned(world, before, 'E-HALAMAN-DITUTUP');
});

scene('“Batalkan” on the page closes the dialog at once', async (world) => {
  const person = await world.person('silent');
  const before = await world.audit.head();
  const page = await world.readyPage();
  await page.sign(letter);
  await person.question();
  await page.untilPhase('waiting_consent');
  await page.cancel();
  assert.equal((await person.closing(10_000)).reason.code, 'E-DIBATALKAN-APLIKASI');
  assert.equal((await page.outcome()).error.code, 'L-DIBATALKAN');
  await world.audit.until(before, 'refused'); // the page need not wait for it
  await nothingWasSigned(world, before, 'E-DIBATALKAN-APLIKASI');
});

scene('Without anybody to ask nothing is signed', async (world) => {
  const before = await world.audit.head();
  const page = await world.readyPage();
  assert.match((await page.agentState()).words, /jendelanya belum terbuka/);
  await page.sign(letter);
  assert.equal((await page.outcome()).error.code, 'E-PERSETUJUAN-TIDAK-TERSEDIA');
  await nothingWasSigned(world, before, 'E-PERSETUJUAN-TIDAK-TERSEDIA');
});

scene('A window that vanishes with its question open has not agreed', async (world) => {
  const person = await world.person('leave');
  const before = await world.audit.head();
  const page = await world.readyPage();
  await page.sign(letter);
  assert.equal((await page.outcome()).error.code, 'E-PERSETUJUAN-TIDAK-TERSEDIA');
  assert.equal(person.questions.length, 1);
  await nothingWasSigned(world, before, 'E-PERSETUJUAN-TIDAK-TERSEDIA');
});
